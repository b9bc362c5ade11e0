"""Identity embeddings by the face recognition networks ArcFace and AdaFace."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from wnet.data.pixels import to_planes
from wnet.identity.adaface import IResNet, depth_of
from wnet.identity.alignment import align
from wnet.identity.faces import check_faces
from wnet.weights.checkpoints import fill, read_state

_DIMENSIONS = 512
_AT_ONCE = 64  # faces; bounds the memory


class RecognitionNetwork:
    """Embeds faces by a network for aligned faces of 112 x 112 pixels, with values from -1 to 1."""

    def __init__(self, network: nn.Module, bgr: bool, device: str):
        self._network, self._bgr, self._device = network.to(device), bgr, device

    def embed(self, images: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Embed the face of each image: (N, 512) float32 rows of length 1.

        images: (N, H, W, 3) uint8 RGB. points: (N, 68, 2) x, y in pixels in iBUG-68 order, used to
        align the faces; give the points of HR for SR too, to align both identically. A face whose
        points are not finite gives a row of NaN. Raises ValueError for other shapes or types.
        """
        check_faces(images, points)
        embeddings = np.full((len(images), _DIMENSIONS), np.nan, np.float32)
        (found,) = np.nonzero(np.isfinite(points).all(axis=(1, 2)))
        for start in range(0, len(found), _AT_ONCE):
            block = found[start : start + _AT_ONCE]
            embeddings[block] = self._embed(align(images[block], points[block]))
        return embeddings

    @torch.inference_mode()
    def _embed(self, faces: np.ndarray) -> np.ndarray:
        ordered = faces[..., ::-1] if self._bgr else faces
        batch = to_planes(ordered, self._device).contiguous()  # facexlib's network views it
        vectors = self._network((batch - 0.5) / 0.5)
        return nn.functional.normalize(vectors).cpu().numpy()


def arcface(weights: Path, device: str) -> RecognitionNetwork:
    """ArcFace (Deng et al., CVPR 2019): facexlib's IR-SE-50, for RGB.

    facexlib's own loader needs CUDA; its network does not.
    """
    from facexlib.recognition.arcface_arch import Backbone

    network = Backbone(num_layers=50, drop_ratio=0.6, mode="ir_se")
    return RecognitionNetwork(fill(network, read_state(weights), weights), False, device)


def adaface(weights: Path, device: str) -> RecognitionNetwork:
    """AdaFace (Kim, Jain, Liu, CVPR 2022): IR-18, IR-50 or IR-101, as its weights are; for BGR."""
    state = read_state(weights)
    try:
        network = IResNet(depth_of(state))
    except ValueError as error:
        raise ValueError(f"{weights}: {error}") from error
    return RecognitionNetwork(fill(network, state, weights), True, device)
