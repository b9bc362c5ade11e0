"""Batches of faces for tests, with zeros in the columns that are not given."""

import numpy as np
import torch
from torch import Tensor

from wnet.data.batches import Batch
from wnet.data.faces_on_device import FacesOnDevice


def batch_of(hr: Tensor, lr: Tensor | None = None, **columns: Tensor) -> Batch:
    """A batch of HR faces (B, 3, R, R), on their device, with LR faces of a quarter of the side."""
    count, side, device = len(hr), hr.shape[-1], hr.device
    small = (side // 4,) * 2 if lr is None else lr.shape[-2:]
    empty = {
        "lr": torch.zeros(count, 3, *small, device=device) if lr is None else lr,
        "skin_lr": torch.zeros(count, 1, *small, device=device),
        "classes": torch.zeros(count, side, side, dtype=torch.uint8, device=device),
        "points": torch.zeros(count, 68, 2, device=device),
        "drawn": torch.zeros(count, 2, device=device),
    }
    return Batch(hr=hr, **empty | columns)


def noise(count: int, scale: int, side: int) -> list[np.ndarray]:
    """Columns of noise faces: the arguments of FacesOnDevice."""
    random, small = np.random.default_rng(7), side // scale
    shapes = ((small, small, 3), (side, side, 3), (small, small))
    columns = [random.integers(0, 256, (count, *shape), dtype=np.uint8) for shape in shapes]
    columns.append(random.integers(0, 19, (count, side, side), dtype=np.uint8))
    return [*columns, random.uniform(0, side - 1, (count, 68, 2)).astype(np.float32)]


def noisy_faces(count: int, scale: int, side: int) -> FacesOnDevice:
    """Noise faces on the CPU."""
    return FacesOnDevice(*noise(count, scale, side), "cpu")
