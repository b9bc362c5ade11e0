"""Glasses, hats and earrings."""

from __future__ import annotations

import numpy as np

from drawn.canvas import Canvas, curve, linear, smoothstep, tint
from drawn.features import Sheet
from drawn.functions import direction, distance, exp, sine
from drawn.person import Person, Shot
from drawn.skin import ear_outline

# half width, half height, roundness (2 is an ellipse), rim: units
_FRAMES = ((0.26, 0.245, 2.2, 0.022), (0.3, 0.19, 4.5, 0.034), (0.305, 0.225, 3.2, 0.055),
           (0.275, 0.21, 2.7, 0.014))  # fmt: skip
_FRAME_COLOURS = ((16, 15, 16), (58, 36, 24), (150, 140, 120), (40, 46, 66), (120, 40, 40))
_WOOL = ((36, 38, 46), (120, 36, 40), (60, 80, 110), (150, 140, 126), (196, 160, 70), (66, 84, 66))


def _lens(centre: np.ndarray, frame: int, sign: int) -> np.ndarray:
    width, height, power, _ = _FRAMES[frame]
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    x, y = np.cos(angle), np.sin(angle)
    x, y = (np.sign(v) * np.abs(v) ** (2 / power) for v in (x, y))
    narrow = 1 - 0.1 * np.maximum(y, 0)  # lenses narrow downwards
    return np.column_stack([x * width * narrow, y * height - 0.02 * x * sign]) + centre


def paint_glasses(sheet: Sheet, person: Person, points: np.ndarray, key: np.ndarray) -> None:
    """Paint glasses; `key` points to the light in the head frame."""
    rng = np.random.default_rng([person.seed, 16])
    rim_width = _FRAMES[person.frame][3]
    colour = linear(*_FRAME_COLOURS[int(rng.integers(len(_FRAME_COLOURS)))])
    eyes = [points[36:42].mean(0) * (1.04, 1) + (0, 0.035)]
    eyes.append(points[42:48].mean(0) * (1.04, 1) + (0, 0.035))
    lenses = [_lens(eye, person.frame, sign) for eye, sign in zip(eyes, (-1, 1), strict=True)]
    inner = [lenses[0][:, 0].max(), lenses[1][:, 0].min()]
    height = (eyes[0][1] + eyes[1][1]) / 2 - 0.06
    bridge = curve([(inner[0], height + 0.02), (0, height - 0.03), (inner[1], height + 0.02)],
                   closed=False)  # fmt: skip
    arms = [np.array([(lens[:, 0].min() if side < 0 else lens[:, 0].max(), eye[1] - 0.08),
                      (side * (abs(points[0, 0]) - 0.03), -0.02)])
            for lens, eye, side in zip(lenses, eyes, (-1, 1), strict=True)]  # fmt: skip
    sheet = sheet.around(np.concatenate([*lenses, *arms]), 0.15)
    part = sheet.canvas
    rims = [np.concatenate([lens, lens[:1]]) for lens in lenses]
    frame = part.stroke([*rims, bridge], rim_width)
    arm = part.stroke(arms, max(rim_width, 0.03))
    shifted = part.stroke([line - 0.07 * key[:2] + (0, 0.02) for line in (*rims, bridge, *arms)],
                          rim_width)  # fmt: skip
    sheet.darken(0.4 * part.blur(shifted, 0.02), (0.45, 0.4, 0.4))
    glass = part.fill(*lenses)
    sheet.darken(glass, (0.93, 0.95, 0.95))
    slant = part.x * 0.8 + part.y - rng.uniform(-0.1, 0.1)
    glint = smoothstep(0.05, 0.0, np.abs((slant % 0.85) - 0.3) - rng.uniform(0.02, 0.09))
    glint = glint * smoothstep(0.35, -0.2, part.y) * glass
    sheet.radiance[...] += rng.uniform(0.02, 0.14) * glint * sheet.light.mean()
    cover = np.maximum(frame, arm)
    sheet.paint(cover, colour)
    lit = part.stroke([line - (0, 0.25 * rim_width) for line in (*rims, bridge)], 0.3 * rim_width)
    sheet.radiance[...] += 0.16 * lit * frame * sheet.light
    sheet.classes[(cover >= 0.5) | (glass >= 0.5)] = 6


def hat_edge(shot: Shot, x: np.ndarray) -> np.ndarray:
    """Height, in units, of a beanie's or a cap's lower edge at `x`."""
    middle = {"beanie": -0.66, "cap": -0.6}[shot.hat]
    return middle + 0.16 * (x / 1.05) ** 2


def _crown(skull: np.ndarray, x: np.ndarray, edge: np.ndarray, lift: float) -> np.ndarray:
    dome = skull[skull[:, 1] < -0.5]
    dome = dome[np.argsort(-dome[:, 0])] * (1.07, lift)
    return np.concatenate([np.column_stack([x, edge]), dome])


def paint_hat(sheet: Sheet, person: Person, shot: Shot, skull: np.ndarray,
              cover: np.ndarray) -> None:  # fmt: skip
    """Paint the shot's hat; adds it to `cover` (H, W), that of the head."""
    rng = np.random.default_rng([shot.seed, 24])
    x = np.linspace(-1.08, 1.08, 25)
    canvas = sheet.canvas
    if shot.hat == "headband":
        edge = -0.78 + 0.24 * x**2
        body = np.concatenate([np.column_stack([x, edge]), np.column_stack([x, edge - 0.22])[::-1]])
    else:
        edge = hat_edge(shot, x)
        body = _crown(skull, x, edge, 1.14 if shot.hat == "beanie" else 1.08)
    colour = linear(*_WOOL[int(rng.integers(len(_WOOL)))])
    mask = canvas.fill(body)
    sheet.darken(0.55 * canvas.blur(np.roll(mask, round(0.06 * canvas.scale), 0), 0.05),
                 (0.35, 0.3, 0.3))  # fmt: skip
    side = np.clip(canvas.x / 1.16, -0.99, 0.99)
    around = direction(side, np.sqrt(1 - side * side))
    ribs = 0.5 + 0.5 * sine(around * (70 if shot.hat == "beanie" else 9))
    soft = smoothstep(0.4, 1.0, canvas.blur(mask, 0.05))
    tone = (0.72 + (0.4 if shot.hat == "beanie" else 0.06) * ribs) * (0.55 + 0.45 * soft)
    if shot.hat == "beanie":  # the brim is folded up
        fold = canvas.y - hat_edge(shot, canvas.x) + 0.3
        tone = tone * (1 - 0.55 * exp(-0.5 * (fold / 0.02) ** 2))
    sheet.paint(mask, colour * tone.astype(np.float32))
    np.maximum(cover, mask, out=cover)
    sheet.classes[mask >= 0.5] = 18
    if shot.hat == "cap":
        _paint_bill(sheet, colour)


def _paint_bill(sheet: Sheet, colour: np.ndarray) -> None:
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    round_ = np.column_stack([0.9 * np.cos(angle), 0.15 * np.sin(angle)])
    round_[:, 1] += 0.14 * round_[:, 0] ** 2 - 0.6
    part = sheet.around(round_, 0.25)
    canvas = part.canvas
    bill = canvas.fill(round_)
    part.darken(0.6 * canvas.blur(canvas.fill(round_ + (0, 0.1)), 0.06), (0.3, 0.26, 0.26))
    tone = 0.55 + 0.75 * smoothstep(-0.4, -0.8, canvas.y - 0.14 * canvas.x**2)
    part.paint(bill, colour * tone.astype(np.float32))
    seam = canvas.blur(canvas.stroke([round_[20:] + (0, 0.02)], 0.015), 0.008)
    part.darken(0.5 * seam * bill, (0.4, 0.4, 0.4))
    part.classes[bill >= 0.5] = 18


def paint_earrings(sheet: Sheet, person: Person, points: np.ndarray, cover: np.ndarray) -> None:
    """Paint a stud or a hoop at each ear lobe."""
    rng = np.random.default_rng([person.seed, 17])
    hoop, gold = rng.random() < 0.5, rng.random() < 0.6
    metal = tint(0.72, 0.5, 0.2) if gold else tint(0.6, 0.62, 0.66)
    radius = rng.uniform(0.07, 0.12) if hoop else 0.035
    for sign in (-1, 1):
        outline = ear_outline(person, points, sign)
        drop = radius - 0.06 if hoop else -0.05
        lobe = outline[np.argmax(outline[:, 1])] + (sign * 0.03, drop)
        part, where = sheet.canvas.window(*(lobe - 0.2), *(lobe + 0.2))
        r = distance(part.x - lobe[0], part.y - lobe[1])
        inside = np.abs(r - radius) - 0.014 if hoop else r - radius
        mask = smoothstep(0.8, -0.8, inside * part.scale).astype(np.float32)
        turn = direction(part.y - lobe[1], part.x - lobe[0])
        shine = 0.5 + 1.3 * smoothstep(0.4, 1.0, sine(3 * turn + 1))
        piece = sheet.around(np.array([lobe]), 0.2)
        piece.paint(mask, metal * shine)
        np.maximum(cover[where], mask, out=cover[where])
        piece.classes[mask >= 0.5] = 9


def under_hat(canvas: Canvas, shot: Shot) -> np.ndarray:
    """(H, W) 1 where hair still shows below a hat."""
    return smoothstep(-0.06, 0.0, canvas.y - hat_edge(shot, canvas.x))
