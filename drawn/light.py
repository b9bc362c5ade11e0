"""Light on a relief: key light with cast shadows, sky and bounce, occlusion, gloss."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from drawn.canvas import Canvas, resize, smoothstep, tint
from drawn.functions import exp, product, raised
from drawn.person import Shot

# Light bleeds through skin, red most: how far beyond the terminator each channel is still lit.
_WRAP = (0.34, 0.2, 0.15)


@dataclass(frozen=True, kw_only=True)
class Lights:
    """The lights of a shot in some frame: unit vectors, and colours in linear light."""

    key: np.ndarray  # (3,) float32, towards the key light
    up: np.ndarray  # (3,) towards the sky
    view: np.ndarray  # (3,) towards the camera
    key_colour: np.ndarray  # (3, 1, 1), like the next two
    sky_colour: np.ndarray
    ground_colour: np.ndarray
    softness: float

    def in_frame(self, rotation: np.ndarray) -> Lights:
        """The same lights in another frame; `rotation` (3, 3) maps it to the present one."""
        key, up, view = (
            product(v, rotation).astype(np.float32) for v in (self.key, self.up, self.view)
        )
        return Lights(**{**vars(self), "key": key, "up": up, "view": view})


def lights_of(shot: Shot) -> Lights:
    """The lights of a shot in the camera's frame (x right, y down, z to the camera)."""
    warm = shot.key_warmth
    key = np.array([1 + 0.1 * warm, 1, 1 - 0.16 * warm]) * shot.key
    sky = np.array([1 - 0.05 * warm, 1, 1 + 0.08 * warm]) * shot.fill
    return Lights(
        key=np.array(shot.light, np.float32),
        up=np.array((0, -1, 0), np.float32),
        view=np.array((0, 0, 1), np.float32),
        key_colour=tint(*key),
        sky_colour=tint(*sky),
        ground_colour=tint(*(sky * (0.62, 0.52, 0.46))),
        softness=shot.softness,
    )


def normals(canvas: Canvas, relief: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit normal components x, y, z of a relief (height, width)."""
    step = canvas.scale / 8
    slope_x = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3) * step
    slope_y = cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3) * step
    nz = 1 / np.sqrt(1 + slope_x**2 + slope_y**2)
    return -slope_x * nz, -slope_y * nz, nz


def cast_shadow(canvas: Canvas, relief: np.ndarray, lights: Lights) -> np.ndarray:
    """(height, width) 1 where the key light arrives, 0 where the relief blocks it."""
    small = canvas.shrink(2)
    low = resize(relief, small.width, small.height)
    blocked = np.zeros_like(low)
    penumbra = 0.1 + 0.3 * lights.softness
    for step in (0.06, 0.1, 0.15, 0.21, 0.28, 0.37, 0.48, 0.62):
        shift = -lights.key[:2] * step * small.scale
        move = np.array([(1, 0, shift[0]), (0, 1, shift[1])], np.float32)
        moved = cv2.warpAffine(
            low, move, (small.width, small.height), borderMode=cv2.BORDER_REPLICATE
        )
        over = (moved - low - lights.key[2] * step) / (penumbra * step + 0.015)
        np.maximum(blocked, over, out=blocked)
    lit = small.blur(1 - smoothstep(-0.1, 1, blocked), 0.012 + 0.02 * lights.softness)
    return resize(lit, canvas.width, canvas.height)


def openness(canvas: Canvas, relief: np.ndarray) -> np.ndarray:
    """(height, width): the fraction of the surroundings that is visible from a point."""
    small = canvas.shrink(2)
    low = resize(relief, small.width, small.height)
    hidden = np.zeros_like(low)
    for sigma, weight in ((0.04, 5.0), (0.1, 2.6), (0.22, 1.0)):
        hidden += weight * np.maximum(small.blur(low, sigma) - low, 0)
    return resize(exp(-hidden), canvas.width, canvas.height)


def shade(
    canvas: Canvas, relief: np.ndarray, lights: Lights, *, roughness: float, oil: float
) -> tuple[np.ndarray, np.ndarray]:
    """Light a relief as skin: wrapped Lambert, hemisphere fill, two Blinn-Phong lobes, a rim."""
    normal = normals(canvas, relief)
    lit, free = cast_shadow(canvas, relief, lights), openness(canvas, relief)
    facing = sum(n * c for n, c in zip(normal, lights.key, strict=True))
    upward = sum(n * c for n, c in zip(normal, lights.up, strict=True))
    half = lights.key + lights.view
    half = half / np.sqrt((half * half).sum())
    shine = np.maximum(sum(n * c for n, c in zip(normal, half, strict=True)), 0)
    toward = sum(n * c for n, c in zip(normal, lights.view, strict=True))
    away = 1 - np.clip(toward, 0, 1)
    rim = away * away * away
    broad = raised(shine, 14 / roughness)
    gloss = oil * (0.05 * broad + 0.11 * np.square(np.square(broad))) * lit
    diffuse = np.empty((3, *relief.shape), np.float32)
    edge, bleed = np.sqrt(free), np.sqrt(lit)
    for c in range(3):
        direct = np.maximum((facing + _WRAP[c]) / (1 + _WRAP[c]), 0)
        sharp = lit if c else bleed  # red light leaks into the shadow's edge
        sky, ground = lights.sky_colour[c], lights.ground_colour[c]
        around = ground + (sky - ground) * (0.5 + 0.5 * upward)
        diffuse[c] = lights.key_colour[c] * direct * sharp * edge
        diffuse[c] += around * (0.75 * free + 0.25 * edge if c == 0 else free)
    mirrored = lights.key_colour * gloss + 0.05 * lights.sky_colour * (rim * free)
    return diffuse, mirrored
