"""The skin: its colour, marks, wrinkles, shaved or grown beard, and ears."""

from __future__ import annotations

import cv2
import numpy as np

from drawn.canvas import Canvas, curve, linear, mirror, resize, smoothstep, tint
from drawn.functions import distance
from drawn.person import Person, Shot

_TONES = np.array(
    [(246, 214, 196), (234, 192, 166), (218, 170, 138), (188, 142, 111), (148, 105, 80),
     (106, 74, 57), (74, 52, 42)]
)  # fmt: skip


def skin_colour(person: Person) -> np.ndarray:
    """(3, 1, 1) linear light."""
    at = np.linspace(0, 1, len(_TONES))
    tone = linear(*(np.interp(person.skin, at, _TONES[:, c]) for c in range(3)))
    shift = 0.05 * person.undertone
    return tone * tint(1 - 0.6 * shift, 1 + shift, 1 - 0.6 * shift)


def albedo(canvas: Canvas, person: Person, points: np.ndarray) -> np.ndarray:
    """(3, H, W) linear skin colour with its flushed, pale, and shadowed regions."""
    rng = np.random.default_rng([person.seed, 3])
    red = np.zeros((canvas.height, canvas.width), np.float32)
    for x in (points[31, 0], points[35, 0]):
        red += 0.25 * canvas.bump(x, points[31, 1], 0.09, 0.1)
    red += 0.3 * canvas.bump(points[30, 0], points[30, 1], 0.14, 0.12)
    blush = 0.35 + 0.25 * rng.random() + 0.4 * person.makeup
    dark = np.zeros_like(red)
    for sign in (-1, 1):
        red += blush * canvas.bump(sign * 0.58, 0.45, 0.22, 0.2)
        red += 0.35 * canvas.bump(sign * 1.08, 0.3, 0.1, 0.4)
        dark += 0.2 * canvas.bump(sign * 0.42, 0.12, 0.17, 0.06)
        dark += 0.12 * canvas.bump(sign * 0.3, -0.04, 0.1, 0.09)
    red += 0.15 * canvas.bump(0, points[8, 1] - 0.15, 0.2, 0.12)
    for x, y, amount in rng.normal(size=(8, 3)) * (0.5, 0.6, 0.12) + (0, 0.4, 0):
        red += amount * canvas.bump(x, y, 0.2, 0.16)
    red *= 1 - 0.5 * person.skin
    dark *= 1 + 0.5 * smoothstep(30, 70, person.age)
    flushed = 1 + tint(0.04, -0.24, -0.26) * red
    return skin_colour(person) * flushed * (1 - tint(0.55, 0.75, 0.6) * dark)


def _crease_lines(person: Person, shot: Shot, points: np.ndarray) -> list[tuple[float, np.ndarray]]:
    """(strength, line) of the folds of an ageing or smiling face."""
    old = float(smoothstep(28, 75, person.age)) * (0.7 + 0.3 * person.masculine)
    smile, frown = max(shot.smile, 0.0), max(-shot.brow_raise, 0.0)
    lines = []
    for sign, wing, corner in ((-1, points[31], points[48]), (1, points[35], points[54])):
        fold = [wing + (sign * 0.06, -0.05), 0.6 * wing + 0.4 * corner + (sign * 0.1, -0.06),
                0.2 * wing + 0.8 * corner + (sign * 0.1, -0.04),
                corner + (sign * 0.075, 0.02 + 0.06 * old)]  # fmt: skip
        lines.append((0.12 + 0.6 * old + 0.4 * smile, curve(np.array(fold), closed=False)))
        marionette = [corner + (sign * 0.03, 0.04), corner + (sign * 0.06, 0.14),
                      corner + (sign * 0.05, 0.26)]  # fmt: skip
        lines.append((0.6 * old**1.5, curve(np.array(marionette), closed=False)))
        eye = points[36:42] if sign < 0 else points[42:48]
        outer = eye[0] if sign < 0 else eye[3]
        for spread in (-0.09, 0.0, 0.08):
            ray = [outer + (sign * 0.05, spread * 0.5 + 0.01),
                   outer + (sign * 0.2, spread * 1.7 + 0.02)]  # fmt: skip
            lines.append((0.6 * old + 0.3 * smile * (0.2 + old), np.array(ray)))
        inner, middle = (eye[3], eye[4:6].mean(0)) if sign < 0 else (eye[0], eye[4:6].mean(0))
        bag = [inner + (0, 0.06), middle + (-sign * 0.05, 0.1), middle + (sign * 0.1, 0.1)]
        lines.append((0.18 + 0.5 * old, curve(np.array(bag), closed=False)))
        lines.append((0.3 * frown + 0.3 * old, np.array(
            [(sign * 0.065, -0.36), (sign * 0.055, -0.2)])))  # fmt: skip
    raised = 0.6 * max(shot.brow_raise, 0) * (0.3 + old) + 0.5 * old**1.5
    rng = np.random.default_rng([person.seed, 15])
    for height in (-0.53, -0.65, -0.76):
        ends = np.sort(rng.uniform((-0.6, 0.1), (-0.1, 0.6)))
        x = np.linspace(*ends, 6)
        row = height + 0.12 * x**2 + rng.normal(size=6) * 0.012
        line = curve(np.column_stack([x, row]), closed=False)
        lines.append((raised * rng.uniform(0.3, 1), line))
    return lines


def wrinkles(canvas: Canvas, person: Person, shot: Shot, points: np.ndarray) -> np.ndarray:
    """(height, width) relief in units, negative in the folds."""
    relief = np.zeros((canvas.height, canvas.width), np.float32)
    for strength, line in _crease_lines(person, shot, points):
        if strength > 0.08:
            part, where = canvas.around(line, 0.12)
            fold = part.stroke([line], 0.025)
            soft = 0.025 * part.blur(fold, 0.016) + 0.045 * part.blur(fold, 0.045)
            relief[where] -= strength * soft
    return relief


def grain(canvas: Canvas, person: Person) -> np.ndarray:
    """(height, width) brightness factor of pores and fine unevenness, about 1."""
    rng = np.random.default_rng([person.seed, 4])
    rough = 0.5 + 0.5 * smoothstep(25, 70, person.age) + 0.3 * person.masculine
    fine = rng.normal(size=(200, 175)).astype(np.float32)
    coarse = rng.normal(size=(70, 60)).astype(np.float32)
    pattern = 0.028 * fine + 0.02 * resize(coarse, 175, 200)
    return 1 + float(rough) * resize(pattern, canvas.width, canvas.height)


def mark(canvas: Canvas, colour: np.ndarray, person: Person, points: np.ndarray) -> None:
    """Put freckles and moles on `colour` (3, H, W), in place."""
    rng = np.random.default_rng([person.seed, 5])
    face = curve(points[:17], closed=True)
    part, where = canvas.window(-0.85, -0.2, 0.85, 0.8)
    brown = tint(0.3, 0.48, 0.58)
    if person.freckles > 0.1:
        mask = np.zeros((part.height, part.width), np.float32)
        count = int(40 + 200 * person.freckles)
        spots = np.column_stack(
            [rng.normal(size=count) * 0.38, 0.32 + rng.normal(size=count) * 0.14]
        )
        strength = rng.uniform(0.2, 0.7, size=count) * (0.4 + 0.6 * person.freckles)
        at = np.round(part.pixels(spots)).astype(int)
        inside = ((at >= 0) & (at < (part.width, part.height))).all(1)
        np.add.at(mask, (at[inside, 1], at[inside, 0]), strength[inside])
        spread = part.blur(mask, 0.014) * (2 * np.pi * (0.014 * part.scale) ** 2)
        colour[(slice(None), *where)] *= 1 - np.minimum(spread, 0.9) * brown
    for _ in range(person.moles):
        x, y, size = rng.uniform(-0.75, 0.75), rng.uniform(0.2, 1.3), rng.uniform(0.012, 0.026)
        if cv2.pointPolygonTest(face.astype(np.float32), (float(x), float(y)), True) > 0.08:
            spot, here = canvas.window(x - 0.08, y - 0.08, x + 0.08, y + 0.08)
            round_ = smoothstep(1.3, 0.7, distance(spot.x - x, spot.y - y) / size)
            colour[(slice(None), *here)] *= 1 - 1.4 * round_ * brown


_BEARD_PARTS = {  # which parts grow, and how long: cheeks, chin, moustache, length
    "none": (0.0, 0.0, 0.0, 0.0),
    "stubble": (0.85, 0.9, 0.9, 0.25),
    "moustache": (0.12, 0.12, 1.0, 0.8),
    "goatee": (0.15, 1.0, 0.95, 0.7),
    "short": (0.9, 1.0, 0.95, 0.6),
    "full": (1.0, 1.0, 1.0, 1.0),
}


def beard_cover(canvas: Canvas, person: Person, points: np.ndarray) -> np.ndarray:
    """(height, width) 0 to 1: how much beard covers the skin, before its hairs are drawn."""
    cheeks, chin, moustache, _ = _BEARD_PARTS[person.beard]
    jaw, mouth = points[:17], points[48:60]
    line = np.array([(0.99, 0.35), (0.86, 0.62), (0.66, 0.8), (0.5, 0.9)])
    sides = np.concatenate([jaw[1:16], line, mirror(line[::-1])])
    low = points[57, 1] + 0.09
    goat = np.array([(-0.36, points[48, 1]), (-0.4, low), (-0.34, points[8, 1] + 0.06),
                     (0.34, points[8, 1] + 0.06), (0.4, low), (0.36, points[48, 1])])  # fmt: skip
    top, side = points[33, 1] + 0.03, points[54] + (0.08, 0.03)
    tache = np.array([side, (0.3, points[52, 1] - 0.09), (0.05, top), (-0.05, top),
                      (-0.3, points[50, 1] - 0.09), side * (-1, 1)])  # fmt: skip
    cover = cheeks * canvas.blur(canvas.fill(sides), 0.06)
    np.maximum(cover, chin * canvas.blur(canvas.fill(goat), 0.05), out=cover)
    np.maximum(cover, moustache * canvas.blur(canvas.fill(curve(tache, closed=True)), 0.03),
               out=cover)  # fmt: skip
    bare = canvas.fill(curve(mouth, closed=True))
    below = canvas.bump(0, points[57, 1] + 0.055, 0.2, 0.03)
    return cover * (1 - canvas.blur(bare, 0.012)) * (1 - 0.6 * below)


def beard_length(person: Person) -> float:
    """0 (shaved) to 1 (a full beard)."""
    return _BEARD_PARTS[person.beard][3]


def ear_outline(person: Person, points: np.ndarray, sign: int) -> np.ndarray:
    """Closed outline of one ear; sign -1 is the picture's left."""
    s = person.shape
    size = 1 + 0.06 * s.ear_size + 0.1 * smoothstep(40, 80, person.age)
    out = 1 + 0.2 * s.ear_angle
    side = points[16 if sign > 0 else 0, 0] * sign
    rim = np.array(
        [(-0.08, -0.02), (-0.02, -0.14), (0.09, -0.2), (0.165, -0.14), (0.18, 0.02), (0.145, 0.2),
         (0.115, 0.32), (0.075, 0.44), (0.02, 0.48), (-0.05, 0.42)]
    )  # fmt: skip
    rim = rim * (out, 1) * size + (side, 0.08)
    return curve(rim * (sign, 1), closed=True)
