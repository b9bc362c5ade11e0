"""What is known of a face, as it is of the mirrored face: left and right change places."""

import torch
from torch import Tensor

from wnet.landmarks.ibug68 import MIRROR
from wnet.parsing.regions import MIRROR_CLASSES


def mirror_points(points: Tensor, width: int) -> Tensor:
    """The 68 points (..., 68, 2), x and y in pixels, of pictures `width` pixels wide."""
    x, y = points[..., MIRROR, :].unbind(-1)
    return torch.stack((width - 1 - x, y), -1)


def mirror_classes(classes: Tensor) -> Tensor:
    """Parsing maps (..., H, W) of BiSeNet ids, uint8."""
    exchanged = torch.tensor(MIRROR_CLASSES, dtype=torch.uint8, device=classes.device)
    return exchanged[classes.flip(-1).int()]
