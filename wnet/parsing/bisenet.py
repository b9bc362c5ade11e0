"""The 19-class parsing map of a face by BiSeNet (facexlib's network), in the order of CLASSES."""

from pathlib import Path

import cv2
import numpy as np
import torch
from facexlib.parsing.bisenet import BiSeNet
from torch.nn import functional

from wnet.data.pixels import to_planes
from wnet.parsing.classes import CLASSES
from wnet.weights.checkpoints import fill, read_state
from wnet.weights.imagenet import DEVIATION, MEAN

_ON_CPU, _ON_GPU = 1, 32  # faces per pass: on a CPU, the maps of several faces do not fit the cache


class BiSeNetParser:
    """BiSeNet on faces enlarged to `side` x `side` pixels: 512 for the published weights.

    Attributes:
        at_once: faces per pass.
    """

    def __init__(self, weights: Path, side: int, device: str):
        network = BiSeNet(num_class=len(CLASSES))
        self._network = fill(network, read_state(weights), weights).to(device)
        self._side, self._device = side, device
        self.at_once = _ON_CPU if device == "cpu" else _ON_GPU
        self._mean = torch.tensor(MEAN, device=device).view(1, 3, 1, 1)
        self._deviation = torch.tensor(DEVIATION, device=device).view(1, 3, 1, 1)

    def parse(self, images: np.ndarray, points: np.ndarray | None = None) -> np.ndarray:
        """Classes (N, H, W) uint8 of faces (N, H, W, 3) uint8 RGB; landmarks are not used."""
        classes = np.empty(images.shape[:3], np.uint8)
        for start in range(0, len(images), self.at_once):
            block = slice(start, start + self.at_once)
            classes[block] = self._parse(images[block])
        return classes

    @torch.inference_mode()
    def _parse(self, images: np.ndarray) -> np.ndarray:
        sides = (self._side, self._side)
        large = np.stack([cv2.resize(i, sides, interpolation=cv2.INTER_LINEAR) for i in images])
        batch = to_planes(large, self._device)
        votes = self._network((batch - self._mean) / self._deviation)[0]
        votes = functional.interpolate(votes, images.shape[1:3], mode="bilinear", antialias=True)
        return votes.argmax(dim=1).to(torch.uint8).cpu().numpy()
