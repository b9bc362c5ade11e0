"""What is known of a face, as it is of the mirrored face: left and right change places."""

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
    """On the device once: each copy of a list to it would wait for all that it is doing."""
    return torch.tensor(values, device=device)
