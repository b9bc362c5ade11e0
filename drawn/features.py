"""Eyes, brows, nostrils, and mouth, painted on the lit skin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drawn.canvas import Canvas, curve, linear, mirror, smoothstep, tint
from drawn.functions import direction, distance, raised, sine
from drawn.person import EYE_COLOURS, HAIR_COLOURS, Person, Shot
from drawn.skin import skin_colour


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A surface to paint on: a canvas, its radiance and incoming light, and its classes."""

    canvas: Canvas
    radiance: np.ndarray  # (3, H, W)
    light: np.ndarray  # (3, H, W) the radiance of a white surface
    classes: np.ndarray  # (H, W) uint8

    def around(self, points: np.ndarray, margin: float) -> Sheet:
        """The part of the sheet around `points`; painting on it also paints on this sheet."""
        part, where = self.canvas.around(points, margin)
        return Sheet(
            canvas=part,
            radiance=self.radiance[(slice(None), *where)],
            light=self.light[(slice(None), *where)],
            classes=self.classes[where],
        )

    def paint(self, mask: np.ndarray, colour: np.ndarray) -> None:
        """Cover the sheet with a matt `colour`, (3, 1, 1) or (3, H, W), where `mask` is 1."""
        self.blend(mask, colour * self.light)

    def blend(self, mask: np.ndarray, radiance: np.ndarray) -> None:
        """Replace the radiance where `mask` is 1."""
        self.radiance[...] += mask * (radiance - self.radiance)

    def darken(self, mask: np.ndarray, factor: tuple[float, float, float]) -> None:
        """Multiply the radiance by `factor` where `mask` is 1."""
        self.radiance[...] *= 1 - mask * (1 - tint(*factor))


def _taper(part: Canvas, line: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Coverage of a line with a width at each vertex."""
    step = np.gradient(line, axis=0)
    side = np.column_stack([-step[:, 1], step[:, 0]])
    side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-9
    half = side * widths[:, None] / 2
    return part.fill(np.concatenate([line + half, (line - half)[::-1]]))


def _iris(part: Canvas, person: Person, centre: np.ndarray, radius: float) -> tuple:
    """(H, W) cover and (3, H, W) colour of iris with pupil."""
    rng = np.random.default_rng([person.seed, 6])
    dx, dy = part.x - centre[0], part.y - centre[1]
    r, spoke = distance(dx, dy) / radius, direction(dy, dx)
    spokes = sum(rng.normal() * sine(k * spoke + rng.uniform(0, 6)) for k in (7, 11, 17, 23))
    edge = 0.6 / (radius * part.scale)
    cover = smoothstep(1 + edge, 1 - edge, r)
    ring = 1 - 0.7 * smoothstep(0.72, 1.0, r)
    glow = 1.35 - 0.5 * smoothstep(0.35, 0.8, r) + 0.12 * spokes
    colour = linear(*EYE_COLOURS[person.eye_colour]) * (ring * glow)
    pupil = smoothstep(0.4 + edge, 0.4 - edge, r)
    return cover, colour * (1 - pupil) + 0.006 * pupil


def _eyeball(sheet: Sheet, person: Person, shot: Shot, eye: np.ndarray, outline: np.ndarray,
             key: np.ndarray) -> None:  # fmt: skip
    part, sign = sheet.canvas, np.sign(eye[0, 0])
    opened = part.fill(outline)
    width = abs(eye[3, 0] - eye[0, 0])
    middle = (eye[0] + eye[3]) / 2 - (0, 0.018)
    centre = middle + np.array(shot.gaze) * (0.22 * width, 0.04) + (-sign * 0.004, 0)
    white = tint(0.6, 0.53, 0.5) * (1 - 0.08 * person.age / 80 - 0.2 * person.skin)
    round_ = 1 - 0.55 * raised(np.clip(np.abs(part.x - middle[0]) / (0.56 * width), 0, 1.2), 2.5)
    colour = white * np.broadcast_to(round_, opened.shape)
    inner = eye[3] if sign < 0 else eye[0]
    caruncle = smoothstep(0.05, 0.015, distance(part.x - inner[0], part.y - inner[1] + 0.005))
    colour = colour + caruncle * (tint(0.5, 0.2, 0.16) - colour)
    cover, iris = _iris(part, person, centre, 0.088 * (1 + 0.02 * person.shape.eye_size))
    colour = colour + cover * (iris - colour)
    lid_shadow = part.blur(opened, 0.02)
    shifted = part.fill(outline + (0, 0.045))
    colour = colour * (0.4 + 0.6 * part.blur(shifted, 0.018) * np.sqrt(lid_shadow))
    # A wet ball is lit more evenly than the skin around it.
    even = sheet.light.mean((1, 2), keepdims=True) * 0.5 + sheet.light * 0.5
    sheet.blend(opened, 0.92 * colour * even)
    for offset, size, power in ((key[:2] * 0.05 + (0, -0.012), 0.017, 1.3),
                                (-key[:2] * 0.045 + (0, 0.02), 0.013, 0.22)):  # fmt: skip
        at = centre + offset
        spot = smoothstep(1.35, 0.75, distance(part.x - at[0], part.y - at[1]) / size)
        sheet.radiance[...] += power * shot.key * spot * opened


def paint_eye(sheet: Sheet, person: Person, shot: Shot, eye: np.ndarray, key: np.ndarray) -> None:
    """One eye (six points): ball, lids, lashes; `key` points to the light in the head frame."""
    sign = np.sign(eye[0, 0])
    outline = curve(eye, closed=True)
    sheet = sheet.around(eye, 0.24)
    part = sheet.canvas
    _eyeball(sheet, person, shot, eye, outline, key)
    upper = outline[:25] if sign < 0 else outline[:25][::-1]  # outer corner to inner
    lower = np.concatenate([outline[24:], outline[:1]])
    lower = lower if sign > 0 else lower[::-1]
    t = np.linspace(0, 1, 25)
    skin = skin_colour(person)
    crease_gap = 0.075 + 0.02 * person.shape.lid_crease
    stretch = np.column_stack([np.full(25, 1.0), 0.5 + 0.5 * np.sin(np.pi * t)])
    crease = (upper - upper.mean(0)) * (1.06, 1) + upper.mean(0) - (0, crease_gap) * stretch
    sheet.darken(part.blur(_taper(part, crease, 0.022 * np.sin(np.pi * t) + 0.008), 0.008),
                 (0.5, 0.4, 0.36))  # fmt: skip
    sheet.darken(part.blur(part.stroke([upper - (0, 0.018)], 0.05), 0.025), (0.78, 0.7, 0.66))
    wet = skin * tint(1.0, 0.8, 0.75)
    sheet.paint(0.7 * _taper(part, lower + (0, 0.004), np.full(25, 0.016)), wet)
    female = 1 - person.masculine
    ink = tint(0.012, 0.009, 0.008) + 0.05 * skin * (1 - person.makeup)
    thick = (0.024 + 0.014 * person.makeup) * (1.15 - 0.6 * t)
    sheet.paint(_taper(part, upper, thick), ink)
    sheet.paint((0.35 + 0.4 * person.makeup) * _taper(part, lower + (0, 0.012), 0.012 * (1.1 - t)),
                ink)  # fmt: skip
    if person.makeup > 0.4:
        shadow = part.blur(part.fill(np.concatenate([upper, crease[::-1]])), 0.03)
        sheet.darken(0.5 * person.makeup * shadow, (0.62, 0.5, 0.55))
    rng = np.random.default_rng([person.seed, 7])
    roots = upper[rng.integers(0, 20, 22)]
    reach = (0.04 + 0.035 * female) * (0.6 + 0.4 * rng.random((22, 1)))
    lean = (roots[:, :1] - upper[:, 0].mean()) / 0.2
    tips = roots + reach * np.column_stack([0.8 * lean[:, 0], np.full(22, -0.75)])
    sheet.paint(0.75 * part.stroke(np.stack([roots, tips], 1), 0.009), ink)
    sheet.canvas.stamp(sheet.classes, outline, 5 if sign < 0 else 4)


def brow_outline(person: Person, brow: np.ndarray) -> np.ndarray:
    """Closed outline of one brow around its five points (left to right)."""
    sign = np.sign(brow[0, 0])
    line = curve(brow, closed=False)
    t = np.linspace(0, 1, len(line))  # 0 at the outer end
    t = t if sign < 0 else t[::-1]
    thick = 0.085 * (1 + 0.2 * person.shape.brow_thickness + 0.7 * (person.masculine - 0.5))
    width = thick * (0.25 + 0.75 * smoothstep(0, 0.55, t)) * (1 - 0.35 * smoothstep(0.88, 1, t))
    drop = width[:, None] * np.array((0, 1.0))
    return np.concatenate([line - 0.35 * drop, (line + 0.65 * drop)[::-1]])


def paint_brow(sheet: Sheet, person: Person, brow: np.ndarray) -> None:
    """Paint one brow, as a soft ground and about eighty hairs."""
    sign = np.sign(brow[0, 0])
    rng = np.random.default_rng([person.seed, 8, int(sign > 0)])
    outline = brow_outline(person, brow)
    grey = person.grey**2  # brows grey later than the head
    colour = linear(*HAIR_COLOURS[person.hair_colour]) * (0.8 + person.grey) + 0.1 * grey
    colour = np.minimum(colour, 0.8 * skin_colour(person))
    sheet = sheet.around(outline, 0.1)
    part = sheet.canvas
    ground = part.blur(part.fill(outline), 0.014)
    sheet.paint((0.2 + 0.55 * person.brow_density) * ground, colour)
    count = int(60 + 60 * person.brow_density)
    half = len(outline) // 2
    top, bottom = outline[:half], outline[half:][::-1]
    place, rise = rng.integers(0, half, count), rng.random((count, 1))
    roots = top[place] * (1 - rise) + bottom[place] * rise
    along = place / (half - 1) if sign < 0 else 1 - place / (half - 1)  # 1 at the inner end
    upright = smoothstep(0.6, 1.0, along) * 0.9 + 0.25 * (2 * rise[:, 0] - 1) + 0.1
    direction = np.column_stack([np.full(count, sign * 0.9), -upright])
    tips = roots + direction * rng.uniform(0.04, 0.085, (count, 1))
    hairs = part.stroke(np.stack([roots, tips], 1), 0.011)
    sheet.paint((0.35 + 0.45 * person.brow_density) * hairs, colour * 0.7)
    sheet.canvas.stamp(sheet.classes, outline, 3 if sign < 0 else 2)


def nose_outline(points: np.ndarray) -> np.ndarray:
    """Closed outline of the nose, bridge included."""
    root, wing, base = points[27], points[35] - points[33], points[33, 1]
    side = np.array(
        [(0.1, root[1] - 0.1), (0.1, root[1] + 0.12), (0.7 * wing[0], points[29, 1]),
         (1.12 * wing[0], points[30, 1] - 0.03), (1.3 * wing[0], points[35, 1] - 0.05),
         (1.15 * wing[0], points[35, 1] + 0.03), (0.5 * wing[0], base)]
    )  # fmt: skip
    x = points[33, 0]
    return curve(np.concatenate([side, mirror(side[::-1])]) + (x, 0), closed=True)


def paint_nose(sheet: Sheet, points: np.ndarray) -> None:
    """Paint nostrils and the creases of the wings, and set the nose's class."""
    outline = nose_outline(points)
    sheet.canvas.stamp(sheet.classes, outline, 10)
    base = points[33]
    sheet = sheet.around(points[31:36], 0.2)
    part = sheet.canvas
    for sign, wing in ((-1, points[31]), (1, points[35])):
        hole = np.array([(0.36, -0.02), (0.62, -0.055), (0.88, -0.04), (0.72, 0.0), (0.45, 0.005)])
        hole = hole * (abs(wing[0] - base[0]), 1) * (sign, 1) + (base[0], wing[1] + 0.03)
        soft = part.blur(part.fill(curve(hole, closed=True)), 0.008)
        sheet.darken(0.93 * soft, (0.16, 0.08, 0.07))
        rim = np.array([(1.22, -0.19), (1.36, -0.08), (1.3, 0.02), (1.08, 0.05)])
        rim = rim * (abs(wing[0] - base[0]), 1) * (sign, 1) + (base[0], wing[1])
        crease = part.blur(part.stroke([curve(rim, closed=False)], 0.022), 0.012)
        sheet.darken(0.6 * crease, (0.5, 0.38, 0.34))
    under = part.bump((points[31, 0] + points[35, 0]) / 2, base[1] + 0.01, 0.16, 0.03)
    sheet.darken(0.25 * under, (0.6, 0.5, 0.48))


def _teeth(part: Canvas, mouth: np.ndarray, opening: float) -> tuple[np.ndarray, np.ndarray]:
    """Cover and brightness of the upper row of teeth."""
    centre, top = mouth[14, 0], mouth[14, 1]
    half = (mouth[16, 0] - mouth[12, 0]) / 2
    bend = 0.35 * np.clip((part.x - centre) / half, -1, 1) ** 2 * (mouth[12, 1] - top)
    edge = top + 0.135 + bend - 0.025 * opening
    gap = np.abs((raised(np.abs(part.x - centre) / 0.088, 0.93) + 0.5) % 1 - 0.5) * 0.088
    scallop = 0.012 * smoothstep(0.02, 0.0, gap)
    cover = smoothstep(0.012, -0.012, part.y - edge + scallop)
    bright = (1 - 0.3 * smoothstep(0.014, 0.0, gap)) * (
        1 - 0.75 * raised(np.clip(np.abs(part.x - centre) / (1.02 * half), 0, 1), 3)
    )
    return cover, np.broadcast_to(bright, cover.shape)


def paint_mouth(sheet: Sheet, person: Person, mouth: np.ndarray, key: np.ndarray) -> None:
    """Paint lips, teeth, and the inside of the mouth, from points 48-67."""
    outer = curve(mouth[:12], closed=True)
    inner = curve(mouth[12:], closed=True)
    upper = np.concatenate([curve(mouth[:7], closed=False), curve(mouth[16:11:-1], closed=False)])
    low_in = mouth[[16, 17, 18, 19, 12]]
    lower = np.concatenate([curve(mouth[[6, 7, 8, 9, 10, 11, 0]], closed=False),
                            curve(low_in[::-1], closed=False)])  # fmt: skip
    sheet = sheet.around(mouth, 0.12)
    part, skin = sheet.canvas, skin_colour(person)
    rng = np.random.default_rng([person.seed, 9])
    rosy = tint(0.74, 0.41, 0.46) + tint(*rng.uniform(-0.07, 0.07, 3)) + 0.25 * person.skin
    lipstick = linear(*rng.choice(((168, 40, 52), (190, 80, 86), (140, 36, 60), (196, 96, 84))))
    painted = 0.8 * max(person.makeup - 0.25, 0)
    colour = skin * rosy * (1 - painted) + painted * lipstick
    lips = part.blur(part.fill(outer), 0.007)
    folds = np.interp(part.x[0], np.linspace(-0.6, 0.6, 90), rng.normal(size=90))
    texture = (1 + 0.07 * folds).astype(np.float32)
    top = part.blur(part.fill(upper), 0.008)
    sheet.paint(0.88 * lips, colour * texture * (1 - 0.22 * top))
    middle = mouth[9, 1] * 0.55 + mouth[18, 1] * 0.45
    shine = part.bump(mouth[18, 0] + 0.06 * key[0], middle, 0.14, 0.022) * (1 - 0.4 * folds)
    sheet.radiance[...] += (0.05 + 0.12 * painted) * (shine * lips).astype(np.float32) * sheet.light
    _paint_inside(sheet, mouth, inner)
    line = curve(mouth[[0, 12, 13, 14, 15, 16, 6]], closed=False)
    t = np.linspace(-1, 1, len(line))
    seam = part.blur(_taper(part, line, 0.02 * (1 - 0.5 * t**2)), 0.006)
    sheet.darken(0.85 * seam, (0.25, 0.12, 0.12))
    for label, polygon in ((12, upper), (13, lower)):
        sheet.canvas.stamp(sheet.classes, polygon, label)
    if _is_open(mouth):
        sheet.canvas.stamp(sheet.classes, inner, 11)


def _is_open(mouth: np.ndarray) -> bool:
    return bool(mouth[18, 1] - mouth[14, 1] > 0.02)


def _paint_inside(sheet: Sheet, mouth: np.ndarray, inner: np.ndarray) -> None:
    if not _is_open(mouth):
        return
    part, gap = sheet.canvas, mouth[18, 1] - mouth[14, 1]
    opened = part.fill(inner)
    depth = smoothstep(0.0, 0.16, part.blur(opened, 0.02) * gap)
    sheet.paint(opened, tint(0.05, 0.012, 0.01) * (1.4 - depth))
    tongue = part.bump(mouth[18, 0], mouth[18, 1] + 0.02, 0.16, 0.25 * gap)
    sheet.paint(0.75 * smoothstep(0.1, 0.3, gap) * tongue * opened, tint(0.34, 0.1, 0.09))
    cover, bright = _teeth(part, mouth, gap)
    below = part.blur(part.fill(inner + (0, 0.03)), 0.02)
    sheet.paint(cover * opened, tint(0.72, 0.66, 0.56) * (bright * (0.35 + 0.65 * below)))
