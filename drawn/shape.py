"""The head as geometry: the 68 points, the outlines, the relief, and the pose that projects them.

Head frame: x to the viewer's right, y down, z to the camera, origin between the eyes on the
ear plane; 1 unit is about 70 mm, so an average face is 2 units wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from drawn.canvas import Canvas, curve, mirror, smoothstep
from drawn.functions import exp, product, raised
from drawn.person import Person, Shot

# The picture's left half of an average face in units; measures of adults (about 140 mm between
# the zygions, 90 mm between the outer eye corners), points where iBUG's annotators put them.
_JAW = np.array(
    [(-1.0, -0.04), (-0.985, 0.23), (-0.955, 0.51), (-0.9, 0.77), (-0.79, 1.02), (-0.63, 1.24),
     (-0.435, 1.42), (-0.22, 1.545), (0, 1.585)]
)  # fmt: skip
_BROW = np.array([(-0.84, -0.2), (-0.71, -0.32), (-0.53, -0.355), (-0.35, -0.325), (-0.17, -0.26)])
_EYE = np.array(
    [(-0.2, -0.0), (-0.075, -0.085), (0.065, -0.082), (0.195, 0.025), (0.065, 0.062),
     (-0.075, 0.066)]
)  # fmt: skip


def _jaw_points(person: Person) -> np.ndarray:
    s, male = person.shape, person.masculine - 0.5
    jaw = _JAW.copy()
    lower = smoothstep(0.3, 1.1, jaw[:, 1])
    chin = smoothstep(1.15, 1.55, jaw[:, 1])
    jaw[:, 0] *= 1 + 0.03 * s.face_width
    jaw[:, 0] *= 1 + lower * (0.04 * s.jaw_width + 0.13 * male + 0.03 * s.fat)
    jaw[:, 0] *= 1 + chin * (0.08 * s.chin_width + 0.2 * male)
    jaw[:, 1] *= 1 + 0.04 * s.face_length + 0.03 * male
    return jaw


def _eye_points(person: Person, shot: Shot) -> np.ndarray:
    s = person.shape
    eye = _EYE * (1.01 + 0.05 * s.eye_size - 0.07 * (person.masculine - 0.5))
    lids = shot.lids * (1 + 0.16 * s.eye_opening - 0.08 * (person.age - 40) / 40)
    upper = slice(1, 3)
    eye[upper, 1] = 0.02 + (eye[upper, 1] - 0.02) * max(lids, 0.12)
    eye[4:, 1] -= 0.022 * max(shot.smile, 0)
    eye[:, 1] += eye[:, 0] * (0.08 + 0.07 * s.eye_tilt)
    return eye + (-0.437 - 0.018 * s.eye_spacing, 0.0)


def _brow_points(person: Person, shot: Shot) -> np.ndarray:
    s, male = person.shape, person.masculine - 0.5
    brow = _BROW.copy()
    along = np.linspace(1, 0, 5)  # 1 at the outer end
    brow[:, 0] -= 0.018 * s.eye_spacing
    brow[:, 1] += 0.07 * male - 0.025 * s.brow_height - 0.09 * max(shot.brow_raise, 0)
    brow[:, 1] -= 0.03 * (s.brow_arch - male) * np.sin(np.pi * along) + 0.02 * s.brow_tilt * along
    brow[3:, 1] -= 0.07 * min(shot.brow_raise, 0)
    brow[4, 0] -= 0.04 * min(shot.brow_raise, 0)
    return brow


def _nose_points(person: Person, shot: Shot) -> np.ndarray:
    """Points 27-33 (the picture's left half)."""
    s = person.shape
    length = 1 + 0.05 * s.nose_length + 0.02 * (person.masculine - 0.5)
    wing = 0.2 * (1 + 0.09 * s.nose_width + 0.12 * person.skin) + 0.03 * max(shot.smile, 0)
    ridge = [(0, -0.02 + y * 0.55 * length) for y in (0, 1 / 3, 2 / 3, 1)]
    base = 0.69 * length
    lift = 0.025 * s.nose_tip + 0.03 * max(shot.smile, 0)
    ridge[3] = (0, ridge[3][1] - lift)
    return np.array([*ridge, (-wing, base - 0.055), (-wing * 0.52, base - 0.015), (0, base + 0.02)])


def _mouth_points(person: Person, shot: Shot) -> np.ndarray:
    """Points 48-67, both halves."""
    s, smile = person.shape, shot.smile
    nose = 0.69 * (1 + 0.05 * s.nose_length)
    line = nose + 0.29 + 0.03 * s.mouth_height
    half = 0.36 * (1 + 0.07 * s.mouth_width) + 0.1 * smile - 0.07 * shot.opening
    full = 0.03 * person.skin - 0.02 * person.masculine
    upper = (0.095 + 0.02 * s.upper_lip + full) * (1 - 0.003 * (person.age - 30))
    upper *= 1 - 0.3 * max(smile, 0)
    lower = (0.125 + 0.024 * s.lower_lip + full) * (1 - 0.15 * max(smile, 0))
    gap_up, gap_down = 0.07 * shot.opening, 0.4 * shot.opening
    corner = line - 0.1 * smile + 0.07 * shot.opening
    inner, u, d = 0.8 * half, line - gap_up, line + gap_down
    curl = 0.03 * smile
    left = {
        48: (-half, corner),
        49: (-0.6 * half, u - 0.62 * upper - 0.6 * curl),
        50: (-0.24 * half, u - 1.05 * upper),
        51: (0, u - 0.86 * upper),
        57: (0, d + lower),
        58: (-0.27 * half, d + 0.97 * lower),
        59: (-0.64 * half, d + 0.6 * lower - 1.2 * curl - 0.2 * gap_down),
        60: (-inner, corner + 0.002),
        61: (-0.3 * half, u - 0.008),
        62: (0, u),
        66: (0, d + 0.004),
        67: (-0.3 * half, d + 0.002 - 0.5 * curl),
    }
    pairs = {52: 50, 53: 49, 54: 48, 55: 59, 56: 58, 63: 61, 64: 60, 65: 67}
    points = {**left, **{new: (-left[old][0], left[old][1]) for new, old in pairs.items()}}
    return np.array([points[index] for index in range(48, 68)])


def landmarks(person: Person, shot: Shot) -> np.ndarray:
    """(68, 2) iBUG points of the frontal face with this shot's expression, in units."""
    jaw, brow = _jaw_points(person), _brow_points(person, shot)
    jaw[:, 1] += 0.26 * shot.opening * smoothstep(0.6, 1.5, jaw[:, 1])
    nose, eye = _nose_points(person, shot), _eye_points(person, shot)
    right_eye = mirror(eye)[[3, 2, 1, 0, 5, 4]]
    points = np.concatenate(
        [jaw, mirror(jaw[-2::-1]), brow, mirror(brow[::-1]), nose, mirror(nose[5:3:-1]), eye,
         right_eye, _mouth_points(person, shot)]
    )  # fmt: skip
    uneven = np.random.default_rng([person.seed, 2]).normal(size=(4, 2)) * 0.012
    for part, shift in zip(((17, 22), (36, 42), (27, 36), (48, 68)), uneven, strict=True):
        points[slice(*part)] += shift * ((0, 1) if part[0] < 40 and part[0] != 27 else (1, 0))
    return points


def skull_outline(person: Person, points: np.ndarray) -> np.ndarray:
    """Closed outline of the bald head without ears: the jaw points, then over the top."""
    s = person.shape
    top = -1.6 - 0.05 * s.forehead
    side = points[16, 0]
    crown = np.array(
        [(1.015, -0.3), (1.0, -0.62), (0.9, -0.98), (0.7, -1.3), (0.38, -1.53), (0, -1.6)]
    ) * (side, top / -1.6)
    over = np.concatenate([crown, mirror(crown[-2::-1])])
    return curve(np.concatenate([points[:17], over]), closed=True)


def half_width(outline: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Half the width of a closed outline at heights `y`; 0 above and below it."""
    right = outline[outline[:, 0] > 0]
    order = np.argsort(right[:, 1])
    return np.interp(y, right[order, 1], right[order, 0], left=0.0, right=0.0)


def _profile(y: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Depth of the face without nose and lips on its centre line, and at its outline."""
    chin = points[8, 1] / 1.585
    centre_y = np.array([-1.75, -1.6, -1.45, -1.2, -0.9, -0.5, -0.2, 0, 0.3, 0.7])
    centre_z = np.array([-0.15, 0.02, 0.24, 0.48, 0.63, 0.71, 0.71, 0.66, 0.69, 0.74])
    low_y = np.array([0.95, 1.2, 1.42, 1.56, 1.66, 1.8, 2.2]) * chin
    low_z = np.array([0.76, 0.72, 0.73, 0.64, 0.5, 0.36, 0.3])
    edge_y = np.array([-1.6, -1.1, -0.4, 0.5, 1.0, 1.3, 1.5, 1.6, 1.8])
    edge_y = np.where(edge_y > 0, edge_y * chin, edge_y)
    edge_z = np.array([-0.05, -0.06, 0.02, 0.04, 0.14, 0.34, 0.52, 0.52, 0.34])
    centre = np.interp(y, np.concatenate([centre_y, low_y]), np.concatenate([centre_z, low_z]))
    return centre, np.interp(y, edge_y, edge_z)


def skull_relief(canvas: Canvas, points: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """(height, width) depth z of the head without its features."""
    centre, edge = _profile(canvas.y, points)
    width = np.maximum(half_width(outline, canvas.y), 0.3)
    q = np.abs(canvas.x) / width
    inside = edge + (centre - edge) * (1 - raised(np.minimum(q, 1), 2.3))
    beyond = np.minimum(1.1 * np.maximum(q - 1, 0) * width, 0.3)
    return canvas.blur((inside - beyond).astype(np.float32), 0.05)


def _nose_relief(canvas: Canvas, person: Person, points: np.ndarray) -> np.ndarray:
    s = person.shape
    root, tip, base = points[27, 1], points[30, 1], points[33, 1]
    depth = 0.33 * (1 + 0.08 * s.nose_depth - 0.12 * person.skin)
    bridge = 0.07 + 0.02 * s.bridge - 0.03 * person.skin
    knots = np.array([root - 0.22, root, 0.45 * root + 0.55 * tip, tip, 0.4 * tip + 0.6 * base,
                      base + 0.03])  # fmt: skip
    hump = 0.03 * np.clip(s.bridge, 0, 2)
    heights = np.array([0, bridge, 0.5 * (bridge + depth) + hump, depth, 0.7 * depth, 0])
    ridge = np.interp(canvas.y, knots, heights)
    wing = points[35, 0] - points[33, 0]
    widths = np.interp(canvas.y, knots, np.array([0.1, 0.085, 0.1, 0.62 * wing, 0.6 * wing, 0.1]))
    nose = ridge * exp(-0.5 * ((canvas.x - points[33, 0]) / widths) ** 2)
    for side in (31, 35):
        x, y = points[side]
        nose = nose + 0.12 * canvas.bump(x * 0.9, y - 0.02, 0.065, 0.075)
    return canvas.blur(nose.astype(np.float32), 0.022)


def _eye_relief(canvas: Canvas, person: Person, points: np.ndarray) -> np.ndarray:
    s, relief = person.shape, np.float32(0)
    ridge = 0.03 + 0.05 * person.masculine
    for eye, brow in ((points[36:42], points[17:22]), (points[42:48], points[22:27])):
        (x, y), sign = eye.mean(0), np.sign(eye[0, 0])
        deep = 0.12 + 0.025 * s.socket
        relief = relief - deep * canvas.bump(x, y - 0.06, 0.24, 0.11)
        relief = relief - 0.08 * canvas.bump(x - sign * 0.2, y - 0.02, 0.08, 0.12)
        relief = relief + 0.075 * canvas.bump(x, y, 0.14, 0.1)
        relief = relief + ridge * canvas.bump(x, brow[2, 1] + 0.04, 0.26, 0.08)
        bag = 0.02 + 0.02 * smoothstep(35, 75, person.age)
        relief = relief - bag * canvas.bump(x - sign * 0.04, y + 0.2, 0.17, 0.035)
    return relief


def _mouth_relief(canvas: Canvas, person: Person, shot: Shot, points: np.ndarray) -> np.ndarray:
    mid, left, right = points[[51, 62, 66, 57]], points[48], points[54]
    half = (right[0] - left[0]) / 2
    upper, lower = (mid[0] + mid[1]) / 2, (mid[2] + mid[3]) / 2
    relief = 0.055 * canvas.bump(upper[0], upper[1], 0.55 * half, 0.05)
    relief = relief + 0.085 * canvas.bump(lower[0], lower[1], 0.5 * half, 0.06)
    relief = relief - 0.055 * canvas.bump(mid[3, 0], mid[3, 1] + 0.1, 0.2, 0.055)
    relief = relief - 0.02 * canvas.bump(mid[0, 0], (points[33, 1] + mid[0, 1]) / 2, 0.035, 0.09)
    for corner in (left, right):
        relief = relief - 0.04 * canvas.bump(corner[0] * 1.06, corner[1], 0.06, 0.06)
    cheek = 0.02 + 0.09 * max(shot.smile, 0)
    for sign in (-1, 1):
        x = sign * (0.5 + 0.03 * person.shape.fat)
        relief = relief + cheek * canvas.bump(x, 0.5, 0.2, 0.17)
        relief = relief - 0.45 * cheek * canvas.bump(sign * (half + 0.17), 0.86, 0.09, 0.16)
    return relief


def face_relief(canvas: Canvas, person: Person, shot: Shot, points: np.ndarray) -> np.ndarray:
    """(height, width): the depth that the features add to the skull."""
    s = person.shape
    relief = _nose_relief(canvas, person, points) + _eye_relief(canvas, person, points)
    relief = relief + _mouth_relief(canvas, person, shot, points)
    for sign in (-1, 1):
        bone = 0.05 + 0.02 * s.cheekbone
        relief = relief + bone * canvas.bump(sign * 0.66, 0.33, 0.2, 0.14)
        hollow = -0.03 * s.fat + 0.02 + 0.02 * smoothstep(40, 80, person.age)
        relief = relief - hollow * canvas.bump(sign * 0.6, 0.9, 0.16, 0.24)
        relief = relief - 0.03 * canvas.bump(sign * 0.95, -0.25, 0.1, 0.2)
    chin_y = points[8, 1] - 0.17
    chin = 0.06 + 0.02 * person.masculine
    return (relief + chin * canvas.bump(0, chin_y, 0.2, 0.11)).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Weak perspective view of the head: turn (yaw, then pitch), camera, roll, scale, shift."""

    yaw: float  # radians, positive turns the nose to the picture's right
    pitch: float  # radians, positive looks down
    roll: float  # radians, positive tilts the head clockwise
    distance: float  # of the camera from the origin, units
    scale: float  # pixels per unit
    centre: tuple[float, float]  # position of the origin, pixels

    @property
    def rotation(self) -> np.ndarray:
        """(3, 3) head frame to camera frame (x right, y down, z to the camera), roll included."""
        cy, sy, cp, sp = (f(a) for a in (self.yaw, self.pitch) for f in (np.cos, np.sin))
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        turn = np.array([(cy, 0, sy), (0, 1, 0), (-sy, 0, cy)])
        nod = np.array([(1, 0, 0), (0, cp, sp), (0, -sp, cp)])
        tilt = np.array([(cr, -sr, 0), (sr, cr, 0), (0, 0, 1)])
        return product(product(tilt, nod), turn)

    def project(self, points: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """(N, 2) points with (N,) depths, in units, to (N, 2) pixels."""
        seen = product(np.column_stack([points, depth]), self.rotation.T)
        near = self.distance / (self.distance - seen[:, 2:])
        return seen[:, :2] * near * self.scale + self.centre

    def trace(self, canvas: Canvas, relief: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
        """Head-frame x and y, each (side, side), of the surface seen in every image pixel.

        Newton steps on one axis each: the surface's slope stays below what the largest turn
        would fold over, so that every pixel sees exactly one point.
        """
        coarse = -(-side // 2)
        at = (np.arange(coarse, dtype=np.float32) * 2 + 0.5)[None]
        u = (at - self.centre[0]) / self.scale
        v = (at.T - self.centre[1]) / self.scale
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        u, v = cr * u + sr * v, cr * v - sr * u
        cy, sy, cp, sp = (f(a) for a in (self.yaw, self.pitch) for f in (np.cos, np.sin))
        slope_y, slope_x = np.gradient(relief, 1 / canvas.scale)
        surface = np.dstack([relief, slope_x, slope_y]).astype(np.float32)
        x, y = u.astype(np.float32), v.astype(np.float32)
        for _ in range(5):
            z, dx, dy = cv2.split(canvas.sample(surface, x, y))
            seen_x, ahead = cy * x + sy * z, cy * z - sy * x
            seen_y, seen_z = cp * y + sp * ahead, cp * ahead - sp * y
            near = self.distance / (self.distance - seen_z)
            x = x - (seen_x * near - u) / np.clip(cy + sy * dx, 0.35, 2)
            y = y - (seen_y * near - v) / np.clip(cp + sp * cy * dy, 0.5, 2)
        size = (coarse * 2, coarse * 2)
        return tuple(cv2.resize(a.astype(np.float32), size)[:side, :side] for a in (x, y))


def pose_of(shot: Shot, points: np.ndarray, depth: np.ndarray, resolution: int) -> Pose:
    """The pose in which the 68 points have the shot's extent and position in a square image."""
    yaw, pitch, roll = np.radians((shot.yaw, shot.pitch, shot.roll))
    turned = {"yaw": yaw, "pitch": pitch, "roll": roll, "distance": shot.distance}
    unit = Pose(**turned, scale=1.0, centre=(0.0, 0.0)).project(points, depth)
    scale = shot.extent * resolution / np.ptp(unit, 0).max()
    middle = (unit.min(0) + unit.max(0)) / 2 * scale
    centre = (np.array(shot.offset) + 0.5) * resolution - 0.5 - middle
    return Pose(**turned, scale=float(scale), centre=(float(centre[0]), float(centre[1])))
