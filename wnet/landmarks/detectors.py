"""Face detectors by networks: S3FD (face-alignment) and YuNet (OpenCV), each for many pictures."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from wnet.data.resize import bicubic
from wnet.landmarks.ibug68 import shrunk

_AT_ONCE = 16  # pictures of one size in one pass of S3FD; bounds the memory
_SAME_FACE = 0.3  # overlap above which the lesser of two boxes is dropped, as both authors do

Detect = Callable[[Sequence[np.ndarray]], list[np.ndarray]]


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


class SFD:
    """S3FD (Zhang et al., arXiv 1708.05237) by face-alignment's network.

    Attributes:
        reference_scale: how FAN was trained to see these boxes.
    """

    reference_scale = 195.0

    def __init__(self, weights: Path, score: float, device: str):
        from face_alignment.detection.sfd.net_s3fd import s3fd

        from wnet.weights.checkpoints import fill, read_state

        self._network = fill(s3fd(), read_state(weights), weights).to(device)
        self._score, self._device = score, device

    def __call__(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes (N, 4) x0, y0, x1, y1 of each (H, W, 3) uint8 RGB picture, the surest first."""
        boxes: list[np.ndarray] = [np.empty((0, 4))] * len(images)
        by_shape = sorted(range(len(images)), key=lambda row: images[row].shape)
        for _, group in groupby(by_shape, key=lambda row: images[row].shape):
            rows = list(group)
            for start in range(0, len(rows), _AT_ONCE):
                block = rows[start : start + _AT_ONCE]
                found = self._detect(np.stack([images[row] for row in block]))
                for row, own in zip(block, found, strict=True):
                    boxes[row] = own
        return boxes

    def _detect(self, images: np.ndarray) -> list[np.ndarray]:
        import torch
        from face_alignment.detection.sfd.bbox import nms
        from face_alignment.detection.sfd.detect import batch_detect

        batch = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        candidates = batch_detect(self._network, batch, self._device)
        if not candidates.size:
            return [np.empty((0, 4))] * len(images)
        kept = []
        for boxes in candidates:
            boxes = boxes[nms(boxes, _SAME_FACE)]
            kept.append(boxes[boxes[:, 4] > self._score, :4].astype(np.float64))
        return kept


class YuNet:
    """YuNet (Wu et al., Machine Intelligence Research 2023) by OpenCV, on the CPU.

    Attributes:
        reference_scale: face-alignment's, whose FAN sees these boxes.
    """

    reference_scale = 165.0

    def __init__(self, weights: Path, score: float):
        import cv2

        self._network = cv2.FaceDetectorYN.create(str(weights), "", (0, 0), score, _SAME_FACE)

    def __call__(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes (N, 4) x0, y0, x1, y1 of each (H, W, 3) uint8 RGB picture, the surest first."""
        boxes = []
        for image in images:
            self._network.setInputSize((image.shape[1], image.shape[0]))
            _, found = self._network.detect(np.ascontiguousarray(image[..., ::-1]))
            corner, sides = np.split(np.empty((0, 4)) if found is None else found[:, :4], 2, axis=1)
            boxes.append(np.concatenate([corner, corner + sides], axis=1).astype(np.float64))
        return boxes
