"""Synthetic photographs of faces with exact 68 points and exact parsing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from drawn.canvas import Canvas, resize
from drawn.features import Sheet, paint_brow, paint_eye, paint_mouth, paint_nose
from drawn.hair import Hair, cut_of, grow, hair_colour, shine, thickness
from drawn.light import Lights, lights_of, shade
from drawn.person import Person, Shot, draw_person, draw_shot
from drawn.scene import backdrop, body, expose
from drawn.shape import (
    Pose,
    face_relief,
    landmarks,
    pose_of,
    skull_outline,
    skull_relief,
)
from drawn.skin import (
    albedo,
    beard_cover,
    beard_length,
    ear_outline,
    grain,
    mark,
    skin_colour,
    wrinkles,
)
from drawn.worn import paint_earrings, paint_glasses, paint_hat, under_hat

_LEFT, _RIGHT, _TOP, _BOTTOM = -1.75, 1.75, -2.3, 2.1  # largest extent of head and hair, units
_OVERSAMPLING = 1.5  # head pixels per image pixel and axis


@dataclass(frozen=True)
class SyntheticFace:
    """A photograph with its ground truth.

    `image` (side, side, 3) uint8 RGB; `points` (68, 2) float32 x, y in pixels, pixel centres at
    integers, iBUG-68 order; `classes` (side, side) uint8, the 19 BiSeNet classes ("left" is the
    person's left, the picture's right); `attributes` plain str, float, and bool.
    """

    image: np.ndarray
    points: np.ndarray
    classes: np.ndarray
    attributes: dict[str, str | float | bool]


def _head_canvas(scale: float, top: float) -> Canvas:
    return Canvas(
        scale=scale,
        left=_LEFT,
        top=top,
        width=2 * round((_RIGHT - _LEFT) * scale / 2),
        height=2 * round((_BOTTOM - top) * scale / 2),
    )


def _paint_ears(sheet: Sheet, person: Person, points: np.ndarray, skull: np.ndarray,
                cover: np.ndarray) -> None:  # fmt: skip
    for sign, label in ((-1, 8), (1, 7)):
        outline = ear_outline(person, points, sign)
        part = sheet.around(outline, 0.1)
        _, where = sheet.canvas.around(outline, 0.1)
        np.maximum(cover[where], part.canvas.fill(outline), out=cover[where])
        middle = np.array([points[16 if sign > 0 else 0, 0], outline[:, 1].mean() - 0.03])
        hollow = (outline - middle) * (0.58, 0.62) + middle
        inner = part.canvas.blur(part.canvas.fill(hollow), 0.02)
        head = part.canvas.fill(skull)
        seam = part.canvas.blur(head, 0.05) * (1 - head)
        part.darken(0.9 * seam, (0.4, 0.3, 0.28))
        inner, beyond = inner * (1 - head), 1 - head
        rim = part.canvas.stroke([(outline - middle) * 0.86 + middle], 0.03)
        rim = part.canvas.blur(rim, 0.012)
        part.darken(0.75 * inner, (0.5, 0.36, 0.32))
        groove = part.canvas.stroke([(outline - middle) * (0.72, 0.78) + middle], 0.018) * beyond
        part.darken(0.5 * part.canvas.blur(groove, 0.01), (0.5, 0.38, 0.34))
        part.radiance[...] *= 1 + 0.25 * rim * beyond
        part.canvas.stamp(part.classes, outline, label)


def _paint_beard(sheet: Sheet, person: Person, points: np.ndarray) -> None:
    length = beard_length(person)
    if person.beard == "none":
        return
    rng = np.random.default_rng([person.seed, 14])
    part = sheet.around(np.array([(-1, 0.3), (1, points[8, 1])]), 0.1)
    canvas = part.canvas
    cover = beard_cover(canvas, person, points)
    colour = np.minimum(hair_colour(person), 0.7 * skin_colour(person) + 0.3 * person.grey)
    part.paint(cover * (0.3 + 0.55 * length), colour)
    count = 1000 + int(1400 * length)
    roots = np.column_stack(
        [rng.uniform(-1, 1, count), rng.uniform(0.3, points[8, 1] + 0.1, count)]
    )
    grown = canvas.sample(cover, roots[:, 0], roots[:, 1]).ravel() > rng.random(count)
    roots = roots[grown]
    fall = np.column_stack([0.5 * roots[:, 0], np.ones(len(roots))])
    fall += rng.normal(size=fall.shape) * 0.35
    hairs = np.stack([roots, roots + fall * (0.012 + 0.06 * length)], axis=1)
    for half, shade_of in ((hairs[::2], 0.7), (hairs[1::2], 1.12)):
        part.paint(0.75 * canvas.stroke(half, 0.008 + 0.005 * length), colour * shade_of)


def _lit_skin(canvas: Canvas, person: Person, shot: Shot, points: np.ndarray,
              relief: np.ndarray, lights: Lights) -> Sheet:  # fmt: skip
    """A sheet of bare skin under the lights; `relief` is half as fine as `canvas`."""
    half, size = canvas.shrink(2), (canvas.width, canvas.height)
    oil, roughness = 1 - 0.35 * person.skin, 1 + 0.4 * person.age / 80
    diffuse, gloss = shade(half, relief, lights, roughness=roughness, oil=oil)
    lit = albedo(half, person, points) * diffuse + gloss
    folds = wrinkles(canvas, person, shot, points)
    slope = float(lights.key[0]) * cv2.Sobel(folds, cv2.CV_32F, 1, 0)
    slope += float(lights.key[1]) * cv2.Sobel(folds, cv2.CV_32F, 0, 1)
    factor = np.clip(1 - 0.19 * canvas.scale * slope + 14 * folds, 0.35, 1.5)
    radiance = resize(lit, *size)
    radiance *= factor * grain(canvas, person)
    mark(canvas, radiance, person, points)
    return Sheet(
        canvas=canvas,
        radiance=radiance,
        light=resize(diffuse, *size),
        classes=np.zeros((canvas.height, canvas.width), np.uint8),
    )


def _paint_hair(sheet: Sheet, person: Person, hair: Hair, relief: np.ndarray, lights: Lights,
                cover: np.ndarray) -> None:  # fmt: skip
    canvas, half = sheet.canvas, sheet.canvas.shrink(2)
    near = half.blur(resize(hair.cover, half.width, half.height), 0.035)
    sheet.radiance[...] *= 1 - 0.45 * resize(near, canvas.width, canvas.height)  # contact shadow
    here = np.flatnonzero(hair.cover > 0.004)
    strands = shine(canvas, hair, person, relief, sheet.light, lights, here)
    weight = hair.cover.take(here) / np.maximum(cover, hair.cover).take(here)
    below = sheet.radiance.reshape(3, -1)
    seen = below.take(here, axis=1)
    below[:, here] = seen + weight * (strands - seen)
    sheet.classes[hair.cover >= 0.5] = 17
    np.maximum(cover, hair.cover, out=cover)


def _paint_head(canvas: Canvas, person: Person, shot: Shot, points: np.ndarray,
                relief: np.ndarray, lights: Lights) -> tuple[Sheet, np.ndarray]:  # fmt: skip
    """The head seen frontally, and its (H, W) cover; `relief` is half as fine as `canvas`."""
    skull = skull_outline(person, points)
    hair = grow(canvas, person, skull)
    if hair is not None:
        if shot.hat in ("beanie", "cap"):
            hair.cover[...] *= under_hat(canvas, shot)
        relief = relief + thickness(canvas.shrink(2), hair, person)
    sheet, cover = _lit_skin(canvas, person, shot, points, relief, lights), canvas.fill(skull)
    _paint_ears(sheet, person, points, skull, cover)
    canvas.stamp(sheet.classes, skull, 1)
    _paint_beard(sheet, person, points)
    paint_nose(sheet, points)
    paint_mouth(sheet, person, points[48:68], lights.key)
    for eye, brow in ((points[36:42], points[17:22]), (points[42:48], points[22:27])):
        paint_brow(sheet, person, brow)
        paint_eye(sheet, person, shot, eye, lights.key)
    if hair is not None:
        _paint_hair(sheet, person, hair, relief, lights, cover)
    if person.earring and cut_of(person).end < 0.5:
        paint_earrings(sheet, person, points, cover)
    if shot.hat:
        paint_hat(sheet, person, shot, skull, cover)
    if shot.glasses:
        paint_glasses(sheet, person, points, lights.key)
    return sheet, cover


def _body_canvas(pose: Pose, resolution: int) -> Canvas:
    """The image's pixels as a canvas around the neck, which follows the head only a little."""
    x, y = pose.project(np.array([(0.0, 0.9)]), np.array([-0.25]))[0]
    return Canvas(
        scale=pose.scale,
        left=-(x + 0.5) / pose.scale,
        top=0.9 - (y + 0.5) / pose.scale,
        width=resolution,
        height=resolution,
    )


def _attributes(person: Person, shot: Shot) -> dict[str, str | float | bool]:
    return {
        "age": person.age,
        "masculine": person.masculine,
        "skin_tone": person.skin,
        "hair_style": person.style,
        "hair_colour": person.hair_colour,
        "grey_hair": person.grey,
        "beard": person.beard,
        "eye_colour": person.eye_colour,
        "freckles": person.freckles > 0.1,
        "glasses": shot.glasses,
        "hat": shot.hat,
        "expression": shot.expression,
        "yaw": shot.yaw,
        "pitch": shot.pitch,
        "roll": shot.roll,
        "clothes": shot.clothes,
        "background": shot.backdrop,
    }


def render(identity: int, photograph: int, resolution: int) -> SyntheticFace:
    """Photograph number `photograph` of person number `identity`, a square of `resolution` pixels.

    The same arguments give the same bytes. Raises ValueError for a negative number or a
    resolution below 64.
    """
    if min(identity, photograph) < 0:
        raise ValueError(f"identity {identity}, photograph {photograph}: count both from 0")
    if resolution < 64:
        raise ValueError(f"resolution is {resolution}: a face needs at least 64 pixels a side")
    cv2.setUseOptimized(False)  # only the parts of OpenCV that round the same on every processor
    person = draw_person(identity)
    shot = draw_shot(person, photograph)
    points = landmarks(person, shot)
    skull = skull_outline(person, points)
    coarse = _head_canvas(40.0, _TOP)
    relief = skull_relief(coarse, points, skull) + face_relief(coarse, person, shot, points)
    depth = coarse.sample(relief, points[:, 0], points[:, 1]).ravel()
    pose = pose_of(shot, points, depth, resolution)
    x, y = pose.trace(coarse, relief, resolution)
    canvas = _head_canvas(_OVERSAMPLING * pose.scale, max(_TOP, float(y.min()) - 0.1))
    half = canvas.shrink(2)
    fine = coarse.sample(relief, *np.broadcast_arrays(half.x, half.y))
    lights = lights_of(shot)
    head, cover = _paint_head(canvas, person, shot, points, fine, lights.in_frame(pose.rotation))
    layers = cv2.merge([*(head.radiance * cover), cover])
    seen = cv2.split(canvas.sample(layers, x, y))
    radiance = backdrop(shot, resolution)
    torso, torso_cover, classes = body(_body_canvas(pose, resolution), person, shot, points, lights)
    radiance += torso_cover * (torso - radiance)
    radiance += np.stack(seen[:3]) - radiance * seen[3]
    head_classes = canvas.sample(head.classes, x, y)
    classes = np.where(head_classes > 0, head_classes, classes)
    return SyntheticFace(
        image=expose(radiance, shot),
        points=pose.project(points, depth).astype(np.float32),
        classes=classes,
        attributes=_attributes(person, shot),
    )
