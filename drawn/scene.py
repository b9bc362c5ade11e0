"""The surroundings of the head: backdrop, neck, clothes, long hair behind; and the camera."""

from __future__ import annotations

import cv2
import numpy as np

from drawn.canvas import Canvas, curve, linear, mirror, resize, smoothstep, tint
from drawn.functions import distance, exp, sine
from drawn.hair import cut_of, hair_colour, is_long
from drawn.light import Lights, shade
from drawn.person import Person, Shot
from drawn.skin import skin_colour

_FABRICS = (
    (28, 30, 38), (60, 64, 72), (196, 194, 190), (228, 226, 222), (38, 54, 92), (96, 34, 40),
    (64, 92, 78), (150, 120, 92), (120, 140, 172), (186, 94, 70), (88, 60, 100),
)  # fmt: skip
_TIES = ((110, 24, 34), (30, 44, 84), (40, 40, 44))

_NECK = 0.46  # from the chin to where the shoulders begin, units


def _enlarge(noise: np.ndarray, width: int, height: int) -> np.ndarray:
    """Coarse noise to (height, width) without visible cells."""
    return cv2.resize(noise.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)


def backdrop(shot: Shot, side: int) -> np.ndarray:
    """(3, side, side) linear light, out of focus."""
    rng = np.random.default_rng([shot.seed, 20])
    x = ((np.arange(side, dtype=np.float32) + 0.5) / side)[None]
    y = x.T
    hue = rng.uniform(-0.12, 0.12, 3) + rng.uniform(0.15, 0.85)
    base = linear(*(255 * np.maximum(hue, 0.05)))
    fall = 1 - rng.uniform(0.1, 0.7) * distance(x - rng.uniform(0.2, 0.8), y - rng.uniform(0, 0.7))
    image = base * fall
    if shot.backdrop == "studio":
        return np.clip(image, 0.005, 1)
    if shot.backdrop == "wall":
        slope = np.tan(rng.uniform(-0.15, 0.15))
        for _ in range(rng.integers(1, 4)):
            edge = smoothstep(0, 0.02, x + slope * y - rng.uniform(0, 1))
            image = image * (1 + edge * rng.uniform(-0.45, 0.5))
        rough = resize(rng.normal(size=(90, 90)).astype(np.float32), side, side)
        return np.clip(image * (1 + 0.04 * rough), 0.005, 1)
    cells = int(rng.integers(4, 9))
    contrast = 0.5 if shot.backdrop == "blurred" else 0.9
    hues = rng.normal(size=(3, cells, cells)) * tint(0.1, 0.06, 0.1)
    patches = exp(contrast * (hues + 0.7 * rng.normal(size=(cells, cells))))
    image = image * np.stack([_enlarge(plane, side, side) for plane in patches])
    if shot.backdrop == "outdoors":
        sky = smoothstep(rng.uniform(0.4, 0.8), 0.1, y)
        green = linear(96, 118, 70) * rng.uniform(0.4, 1.2)
        image = 0.5 * image + 0.5 * green
        image = image * (1 - sky) + linear(*rng.uniform((150, 175, 200), (215, 225, 245))) * sky
        image = image * (1 + 0.15 * _enlarge(rng.normal(size=(24, 24)), side, side))
    return np.clip(image, 0.005, 1.2)


def _neckline(shot: Shot) -> np.ndarray:
    """Right half of the collar's edge from the neck to the middle, relative to the shoulders."""
    return {
        "t-shirt": np.array([(0.7, 0.02), (0.52, 0.22), (0.26, 0.34), (0, 0.38)]),
        "v-neck": np.array([(0.7, 0.0), (0.46, 0.32), (0.22, 0.64), (0, 0.92)]),
        "shirt": np.array([(0.68, -0.1), (0.5, 0.12), (0.24, 0.3), (0, 0.48)]),
        "suit": np.array([(0.68, -0.1), (0.5, 0.1), (0.24, 0.26), (0, 0.36)]),
        "turtleneck": np.array([(0.66, -0.5), (0.45, -0.42), (0.2, -0.39), (0, -0.38)]),
        "wide neck": np.array([(1.05, 0.12), (0.75, 0.4), (0.4, 0.55), (0, 0.6)]),
    }[shot.clothes]


def _body_outlines(person: Person, shot: Shot, chin: float) -> tuple[np.ndarray, np.ndarray]:
    """Closed outlines of neck with chest, and of clothes."""
    male, fat = person.masculine, person.shape.fat
    neck = 0.64 + 0.15 * male + 0.04 * fat
    base = chin + _NECK
    right = np.array([(neck + 0.02, 0.4), (neck, chin - 0.05), (neck + 0.01, base - 0.28),
                      (neck + 0.12, base - 0.08), (neck + 0.5, base + 0.12)])  # fmt: skip
    chest = np.concatenate([right, [(1.15, base + 0.45), (1.2, base + 3)]])
    skin = curve(np.concatenate([chest, mirror(chest[::-1])]), closed=False)
    shoulder = [(1.9 + 0.25 * male, base + 0.34), (2.5 + 0.4 * male, base + 0.8),
                (2.7 + 0.5 * male, base + 3)]  # fmt: skip
    right = np.concatenate([right, shoulder])
    collar = _neckline(shot) + (neck - 0.6, base)
    collar[-1, 0] = 0
    cloth = right[3:] + (0.03, -0.03)
    if shot.clothes == "wide neck":
        cloth = cloth[1:]
    if shot.clothes == "turtleneck":
        cloth = np.concatenate([right[2:3] + (0.05, 0), cloth])
    half = np.concatenate([curve(collar[::-1], closed=False), curve(cloth, closed=False)])
    return skin, np.concatenate([half, mirror(half[::-1])])


def _fabric(canvas: Canvas, shot: Shot, cloth: np.ndarray) -> np.ndarray:
    """(3, H, W) linear colour of the clothes, pattern and folds included."""
    rng = np.random.default_rng([shot.seed, 21])
    main = linear(*_FABRICS[rng.integers(len(_FABRICS))])
    if shot.clothes == "suit":
        main = linear(*_FABRICS[rng.choice((0, 1, 4, 7))])
    other = linear(*_FABRICS[rng.integers(len(_FABRICS))])
    x, y = np.broadcast_to(canvas.x, (canvas.height, canvas.width)), canvas.y
    kind = rng.choice(("plain", "plain", "plain", "stripes", "checks", "knit"))
    amount = np.zeros_like(x)
    if kind == "stripes":
        amount = smoothstep(-0.25, 0.25, sine(y * rng.uniform(14, 34) + 0.4 * x**2) + 0 * x)
    elif kind == "checks":
        pace = rng.uniform(14, 26)
        bars = [smoothstep(0.3, 0.6, sine(at * pace)) for at in (x, y)]
        amount = 0.5 * (bars[0] + bars[1])
    colour = main + amount.astype(np.float32) * (other - main)
    folds = _enlarge(rng.normal(size=(7, 9)), canvas.width, canvas.height)
    weave = 0.06 if kind == "knit" else 0.025
    grain = rng.standard_normal((150, 150), dtype=np.float32)
    folds = 1 + 0.16 * folds + weave * resize(grain, canvas.width, canvas.height)
    edge = canvas.blur(cloth, 0.035)
    return colour * (folds * (0.5 + 0.5 * smoothstep(0.45, 0.95, edge)))


def _lapels(canvas: Canvas, shot: Shot, colour: np.ndarray, base: float) -> None:
    """Collar of a shirt; jacket and tie of a suit; painted on `colour` in place."""
    rng = np.random.default_rng([shot.seed, 22])
    if shot.clothes == "suit":
        opening = np.array([(0.66, base - 0.2), (0.5, base + 0.5), (0, base + 1.9)])
        shirt = canvas.fill(np.concatenate([opening, mirror(opening[::-1])]))
        colour += shirt * (linear(*rng.choice(((226, 226, 224), (190, 206, 226)))) - colour)
        tie = np.array([(0.09, base + 0.36), (0.07, base + 0.5), (0.2, base + 1.9)])
        ribbon = canvas.fill(np.concatenate([tie, mirror(tie[::-1])]))
        colour += ribbon * (linear(*rng.choice(_TIES)) - colour)
    wing = np.array([(0.67, base - 0.16), (0.3, base + 0.18), (0.03, base + 0.42),
                     (0.3, base + 0.62), (0.62, base + 0.22)])  # fmt: skip
    for flap in (wing, mirror(wing)):
        cover = canvas.fill(flap)
        rim = canvas.blur(cover, 0.03) * (1 - cover)
        colour *= 1 - 0.55 * rim
        colour *= 1 + 0.06 * cover


def _fall_of_hair(canvas: Canvas, person: Person, roll: float) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) cover and (3, H, W) colour of the hair that hangs behind."""
    rng = np.random.default_rng([person.seed, 13])
    cut = cut_of(person)
    end, wide = rng.uniform(2.5, 3.4), 0.98 + cut.side
    if not is_long(person):
        end, wide = cut.end + 0.05, 0.9 + 0.6 * cut.side
    slope = float(np.tan(roll))  # near the head the hair leans with it
    right = np.array([(wide * 0.8, -1.2), (wide, -0.3), (wide + 0.02, 0.6), (wide, 1.3),
                      (wide * 0.98, 0.6 * end + 0.5), (wide * 0.8, end)])  # fmt: skip
    outline = curve(np.concatenate([right, mirror(right[::-1])]), closed=False)
    outline[:, 0] += slope * np.clip(0.9 - outline[:, 1], -0.3, 0.9)
    noise = rng.normal(size=(24, 260)).astype(np.float32)
    shape = (canvas.width, canvas.height)
    x = np.broadcast_to(canvas.x, shape[::-1]) - slope * np.clip(0.9 - canvas.y, -0.3, 0.9)
    swing = x + cut.wave * sine(5 * canvas.y + 3 * x)
    column = ((swing + 2) * 52 + 3 * sine(canvas.y)).astype(np.float32)
    row = np.broadcast_to((canvas.y + 2) * 3.5, x.shape).astype(np.float32)
    strand = cv2.remap(noise, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    soft = canvas.blur(canvas.fill(outline), 0.04)
    cover = smoothstep(-0.2, 0.2, soft - 0.5 - 0.12 * strand)
    under = smoothstep(0.85, 0.6, np.abs(x)) * smoothstep(2.6, 1.6, canvas.y)
    tone = (0.85 + 0.2 * strand) * (1 - 0.5 * under)
    return cover, hair_colour(person) * tone


def _light_on_body(canvas: Canvas, points: np.ndarray, skin: np.ndarray, base: float,
                   lights: Lights) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Diffuse light and gloss (3, H, W) on neck and shoulders, the head's shadow included."""
    half = canvas.shrink(2)
    x, y = half.x, half.y
    column = np.sqrt(np.maximum(1 - (x / 0.9) ** 2, 0.02)) * smoothstep(base + 0.5, base - 0.3, y)
    relief = 0.3 * column + 0.5 * half.blur(resize(skin, half.width, half.height), 0.12)
    lean = 0.16 + 0.3 * np.clip((base + 0.1 - y) / 0.8, 0, 1.2)
    for sign in (-1, 1):
        tendon = exp(-0.5 * ((x - sign * lean) / 0.06) ** 2)
        relief = relief + 0.04 * tendon * smoothstep(base + 0.25, base, y)
        relief = relief + 0.03 * half.bump(sign * 0.6, base + 0.26, 0.4, 0.04)
    diffuse, gloss = shade(
        half, half.blur(relief.astype(np.float32), 0.05), lights, roughness=1.6, oil=0.4
    )
    jaw = np.concatenate([points[:17], [(1, -1), (-1, -1)]])
    shadow = half.fill(jaw + (-0.35 * lights.key[0], 0.16 - 0.3 * lights.key[1]))
    free = 1 - 0.65 * half.blur(shadow, 0.1)
    size = canvas.width, canvas.height
    return resize(diffuse * free, *size), resize(gloss * free, *size)


def body(canvas: Canvas, person: Person, shot: Shot, points: np.ndarray,
         lights: Lights) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Radiance (3, H, W), cover, and classes (H, W) of all below the head."""
    chin = points[8, 1] - 0.26 * shot.opening
    skin_line, cloth_line = _body_outlines(person, shot, chin)
    skin, cloth = canvas.fill(skin_line), canvas.fill(cloth_line)
    base = float(chin + _NECK)
    light, gloss = _light_on_body(canvas, points, skin, base, lights)
    radiance = skin_colour(person) * tint(0.93, 0.9, 0.9) * light + gloss
    colour = _fabric(canvas, shot, cloth)
    if shot.clothes in ("shirt", "suit"):
        _lapels(canvas, shot, colour, base)
    cover = np.maximum(skin, cloth)
    radiance += cloth / np.maximum(cover, 1e-3) * (colour * light - radiance)
    classes = np.where(cloth >= 0.5, 16, np.where(skin >= 0.5, 14, 0)).astype(np.uint8)
    if cut_of(person).end > 0.9:
        hair, strands = _fall_of_hair(canvas, person, np.radians(shot.roll))
        aside = smoothstep(0.5, 0.68, np.abs(canvas.x) + 0.04 * sine(7 * canvas.y))
        hair = hair * np.maximum(aside, 1 - cover)  # behind the neck, before the shoulders
        even = 0.4 * lights.key_colour + 0.75 * lights.sky_colour
        cover = np.maximum(cover, hair)
        radiance += hair / np.maximum(cover, 1e-3) * (strands * even - radiance)
        classes[hair >= 0.5] = 17
    return radiance, cover, classes


def expose(radiance: np.ndarray, shot: Shot) -> np.ndarray:
    """Linear light (3, side, side) to an RGB photograph (side, side, 3), uint8."""
    side = radiance.shape[1]
    rng = np.random.default_rng([shot.seed, 23])
    sigma = shot.blur * side / 256
    image = np.maximum(radiance.transpose(1, 2, 0) * shot.exposure, 0)
    if sigma > 0.25:
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    image = image * (1 + 0.12 * image) / (1 + 0.42 * image)  # a soft shoulder instead of clipping
    image = 255 * cv2.pow(np.minimum(image, 1), 1 / 2.2)
    noise = rng.standard_normal((side, side, 3), dtype=np.float32)
    return np.clip(image + shot.noise * noise + 0.5, 0, 255).astype(np.uint8)
