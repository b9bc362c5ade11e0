"""FAN's 68 landmarks (Bulat & Tzimiropoulos, ICCV 2017), many faces in one pass.

The network, its crops and its weights are those of face-alignment, which runs it picture by picture
and rounds its landmarks down to whole pixels. https://github.com/1adrianb/face-alignment
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from face_alignment.models import FAN
from face_alignment.utils import CENTER_Y_OFFSET, SCALE_FACTOR, crop, flip
from torch import Tensor

from wnet.data.pixels import to_planes
from wnet.weights.checkpoints import fill, read_state

_STACKS = 4  # hourglasses of 2DFAN4
_ON_CPU, _ON_GPU = 1, 32  # faces per pass: on a CPU, the maps of several faces do not fit the cache


class FANLandmarks:
    """FAN's landmarks in the boxes of a detector; a Predictor.

    Heatmaps of a face and of its mirror image are added, as face-alignment does.
    `reference_scale` is that of the detector.
    """

    steady = 0.0

    def __init__(self, weights: Path, reference_scale: float, device: str):
        self._network = fill(FAN(_STACKS), read_state(weights), weights).to(device)
        self._reference_scale = reference_scale
        self._device = device
        self._at_once = _ON_CPU if device == "cpu" else _ON_GPU

    def predict(self, images: Sequence[np.ndarray], boxes: Sequence[np.ndarray]) -> np.ndarray:
        """Landmarks, as in Predictor."""
        found = np.empty((len(images), 68, 2), np.float32)
        for start in range(0, len(images), self._at_once):
            block = slice(start, start + self._at_once)
            found[block] = self._predict(images[block], np.array(boxes[block], np.float64))
        return found

    def instability(self, image: np.ndarray, box: np.ndarray, points: np.ndarray) -> float:
        """Always 0: not measured for FAN, whose landmarks are checked by their shape alone."""
        return 0.0

    @torch.inference_mode()
    def _predict(self, images: Sequence[np.ndarray], boxes: np.ndarray) -> np.ndarray:
        sides = boxes[:, 2:] - boxes[:, :2]
        centres = boxes[:, 2:] - sides / 2
        centres[:, 1] -= sides[:, 1] * CENTER_Y_OFFSET
        scales = sides.sum(axis=1) / self._reference_scale
        faces = np.stack(
            [
                crop(image, centre, scale)
                for image, centre, scale in zip(images, centres, scales, strict=True)
            ]
        )
        batch = to_planes(faces, self._device)
        heatmaps = self._network(batch)[-1]
        heatmaps += flip(self._network(flip(batch))[-1], is_label=True)
        cells = heatmap_maxima(heatmaps).cpu().numpy().astype(np.float64)
        across = (SCALE_FACTOR * scales)[:, None, None]  # of the crop, in pixels of the picture
        corners = centres[:, None] - across / 2
        # Integers are edges of cells in the heatmap, but centres of pixels in our landmarks.
        return (cells / heatmaps.shape[-1] * across + corners - 0.5).astype(np.float32)


def heatmap_maxima(heatmaps: Tensor) -> Tensor:
    """The position of the largest value of each map (N, K, h, w): (N, K, 2) x, y from its corner.

    The centre of the first cell is at 0.5, moved by a quarter cell towards the larger neighbour in
    each direction, as face-alignment does; at the border it is not moved.
    """
    height, width = heatmaps.shape[2:]
    best = heatmaps.flatten(2).argmax(dim=2)
    y, x = best // width, best % width
    inside = (x > 0) & (x < width - 1) & (y > 0) & (y < height - 1)
    rows = heatmaps.flatten(2)

    def at(dx: int, dy: int) -> Tensor:
        place = (y + dy).clamp(0, height - 1) * width + (x + dx).clamp(0, width - 1)
        return rows.gather(2, place[..., None])[..., 0]

    towards = torch.stack([at(1, 0) - at(-1, 0), at(0, 1) - at(0, -1)], dim=2).sign()
    return torch.stack([x, y], dim=2) + 0.5 + 0.25 * towards * inside[..., None]
