"""Finding faces and their landmarks in a photograph: what every method gives, and how it looks."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from PIL import Image

from wnet.data.resize import bicubic

Detect = Callable[[Sequence[np.ndarray]], list[np.ndarray]]


class LandmarkFinder(Protocol):
    """What finds faces and their landmarks. Pictures are (H, W, 3) uint8 RGB, of any sizes."""

    def detect(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes of the faces in each picture: (N, 4) float x0, y0, x1, y1 in its pixels."""
        ...

    def predict(self, images: Sequence[np.ndarray], boxes: Sequence[np.ndarray]) -> np.ndarray:
        """The 68 landmarks of one box in each: (N, 68, 2) float32 x, y in its pixels.

        The centre of a pixel lies at integers.
        """
        ...


def choose_face(boxes: np.ndarray, official: np.ndarray | None) -> int:
    """Which of several faces is meant: the one over the official box, else the largest.

    boxes: (N, 4) x0, y0, x1, y1; official: x, y, width, height as CelebA gives it. Where no box
    overlaps the official one, the one whose centre is nearest is taken.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    if official is None:
        return int(np.argmax(areas))
    target = np.array([*official[:2], *(official[:2] + official[2:])])
    low, high = np.maximum(boxes[:, :2], target[:2]), np.minimum(boxes[:, 2:], target[2:])
    overlap = np.prod(np.clip(high - low, 0, None), axis=1)
    if overlap.max() > 0:
        return int(np.argmax(overlap / (areas + np.prod(official[2:]) - overlap)))
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    return int(np.argmin(np.linalg.norm(centres - (target[:2] + target[2:]) / 2, axis=1)))


def look_again(
    images: Sequence[np.ndarray], detect: Detect, detection_side: int, upsampling: int
) -> list[np.ndarray]:
    """Boxes (N, 4) of the faces in each picture, seen at most `detection_side` pixels long.

    Where nothing is found, it looks again, `upsampling` times, in a picture twice as large.
    """
    seen = [shrunk(image, detection_side) for image in images]
    boxes = [np.empty((0, 4))] * len(images)
    for doublings in range(upsampling + 1):
        waiting = [row for row in range(len(images)) if not len(boxes[row])]
        larger = [_enlarged(seen[row][0], 2**doublings) for row in waiting]
        for row, found in zip(waiting, detect(larger), strict=True):
            boxes[row] = found / 2**doublings / seen[row][1]
    return boxes


def _enlarged(image: np.ndarray, factor: int) -> np.ndarray:
    if factor == 1:
        return image
    return bicubic(image[None], image.shape[0] * factor, image.shape[1] * factor)[0]


def shrunk(image: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """The picture with its longer side at most `side` pixels, and by how much that is smaller."""
    scale = min(1.0, side / max(image.shape[:2]))
    if scale == 1.0:
        return image, scale
    height, width = (max(1, round(length * scale)) for length in image.shape[:2])
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BOX)), scale
