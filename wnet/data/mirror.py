"""Landmarks and parsing maps of mirrored faces, with left and right exchanged."""

from functools import cache

import torch
from torch import Tensor

from wnet.landmarks.ibug68 import MIRROR
from wnet.parsing.regions import MIRROR_CLASSES


def mirror_points(points: Tensor, width: int) -> Tensor:
    """The 68 points (..., 68, 2), x and y in pixels, of pictures `width` pixels wide."""
    x, y = points[..., _table(MIRROR, points.device), :].unbind(-1)
    return torch.stack((width - 1 - x, y), -1)


def mirror_classes(classes: Tensor) -> Tensor:
    """Parsing maps (..., H, W) of BiSeNet ids, uint8."""
    exchanged = _table(MIRROR_CLASSES, classes.device)
    return exchanged[classes.flip(-1).int()].to(torch.uint8)


@cache
def _table(values: tuple[int, ...], device: torch.device) -> Tensor:
    """The table on the device, cached, because each copy would wait for the device's earlier
    work."""
    return torch.tensor(values, device=device)
