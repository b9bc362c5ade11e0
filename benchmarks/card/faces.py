"""Drawn faces, cropped as in the pipeline, on all cores; imports no torch."""

from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import NamedTuple

import cv2
import numpy as np

from drawn.photograph import render
from pipeline.settings import params
from wnet.crops.rules import crop_box, cut_out
from wnet.data.resize import bicubic

PHOTOGRAPH = 256  # pixels
WORTH_PROCESSES = 64  # faces


class Columns(NamedTuple):
    """N training faces: the arguments of FacesOnDevice except the device."""

    lr: np.ndarray
    hr: np.ndarray
    skin_lr: np.ndarray
    classes: np.ndarray
    points: np.ndarray


def draw(first: int, count: int, side: int, scale: int) -> Columns:
    """Draw `count` faces of different people, from number `first`, with their LR faces."""
    numbers = range(first, first + count)
    if count < WORTH_PROCESSES:
        drawn = [_face(number, side) for number in numbers]
    else:
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
            drawn = list(workers.map(_face, numbers, [side] * count, chunksize=8))
    hr, classes, points = (np.stack(column) for column in zip(*drawn, strict=True))
    skin = ((classes == 1) * np.uint8(255))[..., None]
    small = side // scale
    skin = bicubic(skin, small, small)[..., 0]
    return Columns(bicubic(hr, small, small), hr, skin, classes, points)


def _face(number: int, side: int) -> tuple[np.ndarray, ...]:
    face = render(number, 0, PHOTOGRAPH)
    box = crop_box(_rule(), face.image.shape[:2], face.points, None)
    hr = bicubic(cut_out(face.image, box)[None], side, side)[0]
    classes = cv2.resize(cut_out(face.classes, box), (side, side), interpolation=cv2.INTER_NEAREST)
    corner, sides = np.array(box[:2]), np.array([box[2] - box[0], box[3] - box[1]])
    points = (face.points - corner + 0.5) * side / sides - 0.5
    return hr, classes, points.astype(np.float32)


@cache
def _rule():
    return params.load().crop
