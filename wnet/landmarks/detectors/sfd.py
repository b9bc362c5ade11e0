"""S3FD, the detector of face-alignment, on batches of pictures."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from wnet.landmarks.finder import doubled, halved

LIBRARIES = ("face-alignment", "torch")
GPU = True
WEIGHTS = ("sfd",)
_AT_ONCE = 16  # pictures of one size per pass; limits the memory
_SAME_FACE = 0.3  # IoU above which the box with the lower score is dropped, as its authors do


class SFD:
    """S3FD (Zhang et al., arXiv 1708.05237) with face-alignment's network, a Detector.

    Attributes:
        reference_scale: the value that FAN was trained with for these boxes.
        upright_score: infinite, since rotated faces score as high.
    """

    reference_scale = 195.0
    upright_score = float("inf")

    def __init__(self, weights: Path, score: float, device: str):
        from face_alignment.detection.sfd.net_s3fd import s3fd

        from wnet.weights.checkpoints import fill, read_state

        self._network = fill(s3fd(), read_state(weights), weights).to(device)
        self._score, self._device = score, device

    def __call__(self, images: Sequence[np.ndarray], doublings: int = 0) -> list[np.ndarray]:
        """Boxes, as in Detector, by decreasing score."""
        images = [doubled(image, doublings) for image in images]
        boxes: list[np.ndarray] = [np.empty((0, 5))] * len(images)
        by_shape = sorted(range(len(images)), key=lambda row: images[row].shape)
        for _, group in groupby(by_shape, key=lambda row: images[row].shape):
            rows = list(group)
            for start in range(0, len(rows), _AT_ONCE):
                block = rows[start : start + _AT_ONCE]
                found = self._detect(np.stack([images[row] for row in block]))
                for row, own in zip(block, found, strict=True):
                    boxes[row] = halved(own, doublings)
        return boxes

    def _detect(self, images: np.ndarray) -> list[np.ndarray]:
        import torch
        from face_alignment.detection.sfd.bbox import nms
        from face_alignment.detection.sfd.detect import batch_detect

        batch = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        candidates = batch_detect(self._network, batch, self._device)
        if not candidates.size:
            return [np.empty((0, 5))] * len(images)
        kept = []
        for boxes in candidates:
            boxes = boxes[nms(boxes, _SAME_FACE)]
            kept.append(boxes[boxes[:, 4] > self._score].astype(np.float64))
        return kept


def load(files: Mapping[str, Path], score: float, device: str) -> SFD:
    """Load the detector from its file."""
    return SFD(files["sfd"], score, device)
