"""Hair on the head: its area, its strands and its shine; also under hats."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from drawn.canvas import Canvas, curve, linear, mirror, resize, smoothstep
from drawn.functions import direction, distance, sine
from drawn.light import Lights, normals
from drawn.person import HAIR_COLOURS, Person
from drawn.shape import half_width


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A hair style in units of the head."""

    top: float  # thickness above the crown
    side: float  # thickness beside the temples
    end: float  # y where the hair on the sides ends
    forehead: float  # y of the hairline's middle
    temple: float  # how far the hairline recedes at the temples
    curtain: float  # how far the hair on the sides covers the face, as a fraction of the half width
    sweep: float  # direction of the strands: 0 hanging around the face, 1 combed back
    wave: float  # sideways swing of the strands
    curl: float  # 0 straight to 1 tight curls
    density: float


_CUTS = {
    "bald": Cut(top=0, side=0, end=0.1, forehead=-3, temple=0, curtain=0, sweep=1, wave=0, curl=0,
                density=0),
    "receding": Cut(top=0.03, side=0.05, end=0.15, forehead=-1.32, temple=0.22, curtain=0.03,
                    sweep=0.9, wave=0.02, curl=0.1, density=0.75),
    "buzz": Cut(top=0.02, side=0.015, end=0.18, forehead=-0.98, temple=0.04, curtain=0.04,
                sweep=1, wave=0, curl=0, density=0.8),
    "short": Cut(top=0.14, side=0.05, end=0.16, forehead=-0.95, temple=0.03, curtain=0.05,
                 sweep=0.85, wave=0.03, curl=0.12, density=1),
    "swept": Cut(top=0.24, side=0.06, end=0.14, forehead=-0.98, temple=0.06, curtain=0.05,
                 sweep=1, wave=0.04, curl=0.05, density=1),
    "side part": Cut(top=0.18, side=0.07, end=0.2, forehead=-0.92, temple=0.02, curtain=0.06,
                     sweep=0.45, wave=0.03, curl=0.05, density=1),
    "short curls": Cut(top=0.26, side=0.14, end=0.12, forehead=-0.9, temple=0.02, curtain=0.06,
                       sweep=0.6, wave=0.1, curl=0.8, density=1),
    "afro": Cut(top=0.5, side=0.4, end=0.5, forehead=-0.88, temple=0.0, curtain=0.06, sweep=1,
                wave=0.1, curl=1, density=1),
    "bob": Cut(top=0.16, side=0.2, end=1.35, forehead=-0.92, temple=-0.02, curtain=0.13,
               sweep=0.08, wave=0.03, curl=0, density=1),
    "fringe": Cut(top=0.17, side=0.18, end=1.9, forehead=-0.5, temple=-0.05, curtain=0.14,
                  sweep=0.1, wave=0.02, curl=0, density=1),
    "long": Cut(top=0.14, side=0.16, end=2.1, forehead=-0.95, temple=0, curtain=0.12, sweep=0.06,
                wave=0.02, curl=0, density=1),
    "long waves": Cut(top=0.2, side=0.3, end=2.1, forehead=-0.93, temple=0, curtain=0.1,
                      sweep=0.1, wave=0.14, curl=0.25, density=1),
    "tied back": Cut(top=0.06, side=0.03, end=0.12, forehead=-0.95, temple=0.03, curtain=0.05,
                     sweep=0.97, wave=0.01, curl=0, density=1),
}  # fmt: skip


def cut_of(person: Person) -> Cut:
    """The person's hair style, with the person's volume and hairline."""
    cut = _CUTS[person.style]
    volume = 0.65 + 0.7 * person.volume
    changes = {
        "top": cut.top * volume,
        "side": cut.side * volume,
        "forehead": cut.forehead - 0.06 * person.hairline,
        "temple": cut.temple + 0.03 * person.hairline * person.masculine,
    }
    return Cut(**{**vars(cut), **changes})


def is_long(person: Person) -> bool:
    """Whether hair falls below the chin."""
    return cut_of(person).end > 1.6


def hair_colour(person: Person) -> np.ndarray:
    """(3, 1, 1) linear light, grey mixed in."""
    base = linear(*HAIR_COLOURS[person.hair_colour])
    return base + person.grey * (linear(176, 174, 172) - base)


def _outline(cut: Cut, person: Person, skull: np.ndarray) -> np.ndarray:
    """Closed outline of the hair's outer border, as if it covered the face."""
    rng = np.random.default_rng([person.seed, 10])
    y = np.linspace(cut.end, -0.25, 6)
    fade = np.interp(y, (-0.25, 0.2), (1.0, 1.0 if cut.end > 0.8 else 0.35))
    right = np.column_stack([half_width(skull, np.minimum(y, 0.1)) * 0.98 + cut.side * fade, y])
    crown = skull[skull[:, 1] < -0.28]
    crown = crown[np.argsort(-crown[:, 0])][::4]
    lift = (1 + cut.side / crown[:, 0].max(), 1 + cut.top / -crown[:, 1].min())
    line = np.concatenate([right, crown * lift, mirror(right[::-1])])
    return curve(line * (1 + rng.normal(size=(len(line), 1)) * 0.008), closed=False)


def _hairline(cut: Cut, person: Person, skull: np.ndarray) -> np.ndarray:
    """Closed outline of the part of the face that is not covered by hair."""
    ends = np.array([cut.end + 0.6, min(cut.end, 0.5), min(cut.end, 0.0) - 0.08, -0.4])
    width = half_width(skull, np.minimum(ends, 0.3))
    inner = width * (1 - cut.curtain * np.array([0.7, 1, 1, 1]) - (0, 0, 0, 0.04))
    sides = np.column_stack([inner, ends])
    corner = np.array([(0.8, -0.68), (0.62, -0.86 - cut.temple), (0.3, cut.forehead + 0.01)])
    corner[:2, 1] = np.maximum(corner[:2, 1], cut.forehead)
    if cut.forehead > -0.7:
        corner = np.array([(0.8, -0.46), (0.6, cut.forehead + 0.03), (0.3, cut.forehead)])
    right = np.concatenate([sides, corner])
    peak = [(0, cut.forehead - 0.02)]
    if cut.sweep < 0.3 and cut.forehead < -0.7:  # parted: the face opens up to the parting
        right[-1] = (0.3 + 0.5 * person.parting, cut.forehead - 0.12)
        peak = [(person.parting, cut.forehead - 0.3)]
        left = mirror(right)[::-1]
        left[0] = (-0.3 + 0.5 * person.parting, cut.forehead - 0.12)
    else:
        left = mirror(right)[::-1]
    return curve(np.concatenate([right, peak, left]), closed=False)


def _strands(canvas: Canvas, cut: Cut, person: Person) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates across and along the strands, each (H, W), in units."""
    rng = np.random.default_rng([person.seed, 11])
    half = canvas.shrink(2)
    x = np.broadcast_to(half.x, (half.height, half.width)) - 0.5 * person.parting
    y = np.broadcast_to(half.y, x.shape) - 0.15
    ring = distance(x, np.where(y < 0, y * 0.72, y * 0.12))
    turn = direction(x, np.where(y < 0, -y, 0.02) + 0.05) * 0.9
    hang, back = float(np.cos(0.5 * np.pi * cut.sweep)), float(np.sin(0.5 * np.pi * cut.sweep))
    if 0.2 < cut.sweep < 0.7:  # combed away from the parting to both sides
        turn = np.abs(turn)
    across = hang * ring + back * turn
    along = back * ring - hang * turn + 0.4 * np.maximum(y, 0)
    pace, phase = rng.uniform(5, 8), rng.uniform(0, 6)
    swing = cut.wave * sine(along * pace + 3 * sine(across * 4 + phase))
    size = canvas.width, canvas.height
    return resize(across + swing, *size), resize(along, *size)


def _texture(person: Person, curl: float) -> np.ndarray:
    """(64, 256) periodic pattern, standard deviation 1: columns across, rows along the strands."""
    rng = np.random.default_rng([person.seed, 12])
    noise = rng.standard_normal((64, 256), dtype=np.float32)
    wrapped = np.pad(noise, 20, mode="wrap")
    total = np.zeros_like(noise)
    for width, length, weight in ((0.5, 3.5, 1.3), (2.0, 5, 0.9), (6.0, 6, 0.8)):
        length = max(length * (1 - 0.85 * curl), 0.4)
        band = cv2.GaussianBlur(wrapped, (0, 0), sigmaX=width * (1 + curl), sigmaY=length)
        band = band[20:-20, 20:-20]
        total += weight * band / band.std()
    return total / total.std()


def _read_periodic(texture: np.ndarray, across: np.ndarray, along: np.ndarray) -> np.ndarray:
    return cv2.remap(
        texture, across * 105, along * 12.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )


@dataclass(frozen=True, kw_only=True)
class Hair:
    """Hair on the head, each (H, W) float32."""

    cover: np.ndarray  # 0 to 1
    pattern: np.ndarray  # brightness of the strands, mean 0, deviation 1
    across: np.ndarray  # the coordinate that changes from strand to strand, units


def grow(canvas: Canvas, person: Person, skull: np.ndarray) -> Hair | None:
    """The person's hair on the head; None if bald."""
    cut = cut_of(person)
    if cut.density == 0:
        return None
    across, along = _strands(canvas, cut, person)
    pattern = _read_periodic(_texture(person, cut.curl), across, along)
    half, size = canvas.shrink(2), (canvas.width, canvas.height)
    outer = resize(half.blur(half.fill(_outline(cut, person, skull)), 0.03), *size)
    free = resize(half.blur(half.fill(_hairline(cut, person, skull)), 0.035), *size)
    ragged = 0.5 + 0.16 * np.clip(pattern, -2, 2)
    cover = smoothstep(-0.13, 0.2, outer - ragged * 0.8)
    cover *= smoothstep(-0.17, 0.24, (1 - free) - ragged)
    if cut.end > 1.6:
        cover = cover * smoothstep(1.95, 1.35, canvas.y)
    if cut.density < 1:
        cover = cover * np.clip(cut.density + 0.25 * pattern, 0, 1)
    return Hair(cover=cover.astype(np.float32), pattern=pattern, across=across)


def thickness(canvas: Canvas, hair: Hair, person: Person) -> np.ndarray:
    """(height, width) relief that the hair adds, on a canvas half as fine as the hair's."""
    cover = resize(hair.cover, canvas.width, canvas.height)
    pattern = resize(hair.pattern, canvas.width, canvas.height)
    cut = cut_of(person)
    depth = 0.03 + 0.35 * max(cut.top, cut.side)
    return depth * canvas.blur(cover, 0.05) + 0.012 * cover * canvas.blur(pattern, 0.02)


def shine(canvas: Canvas, hair: Hair, person: Person, relief: np.ndarray, light: np.ndarray,
          lights: Lights, here: np.ndarray) -> np.ndarray:  # fmt: skip
    """(3, N) radiance of the hair in the N pixels `here` (flat indices of the canvas).

    `light` (3, H, W) is the light on the canvas; `relief` is half as fine.
    """
    half = canvas.shrink(2)
    nx, ny, nz = normals(half, half.blur(relief, 0.04))
    across = resize(hair.across, half.width, half.height)
    gx, gy = cv2.Sobel(across, cv2.CV_32F, 1, 0), cv2.Sobel(across, cv2.CV_32F, 0, 1)
    tx, ty = -gy, gx
    tz = -(tx * nx + ty * ny) / np.maximum(nz, 0.3)
    length = np.sqrt(tx**2 + ty**2 + tz**2) + 1e-6
    middle = lights.key + lights.view
    middle = middle / np.sqrt((middle * middle).sum())
    dot = (tx * middle[0] + ty * middle[1] + tz * middle[2]) / length
    dot = resize(dot.astype(np.float32), canvas.width, canvas.height).take(here)
    pattern, curl = hair.pattern.take(here), cut_of(person).curl
    lobe = np.maximum(1 - (dot + 0.12 * pattern) ** 2, 0)
    lobe = np.square(np.square(np.square(lobe))) * (1 - 0.6 * curl)
    base = hair_colour(person)[..., 0]
    depth = np.clip(0.85 + (0.27 + 0.08 * curl) * pattern, 0.15, 1.8)
    depth += person.grey * (1 - person.grey) * 0.7 * np.maximum(pattern, 0)
    gleam = (0.06 + 0.35 * base) * (0.4 + 0.6 * np.sqrt(base))
    low = smoothstep(0.5, 1.3, canvas.y[here // canvas.width, 0])
    even = (0.4 * lights.key_colour + 0.75 * lights.sky_colour)[..., 0]
    falling = light.reshape(3, -1).take(here, axis=1)
    falling += low * (even - falling)
    return falling * (depth * base + (1 - low) * lobe * gleam)
