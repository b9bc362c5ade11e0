"""Conversion of pixels between bytes, 0 to 255, and the networks' floats, 0 to 1."""

import numpy as np
import torch
from torch import Tensor


def to_planes(images: np.ndarray, device: str) -> Tensor:
    """Images (N, H, W, C) uint8 as network inputs: (N, C, H, W) float32 in 0-1 on the device."""
    return to_unit(torch.from_numpy(np.ascontiguousarray(images)).to(device).permute(0, 3, 1, 2))


def to_unit(levels: Tensor) -> Tensor:
    """Levels of any shape, uint8, as float32 in 0-1."""
    return levels.float() / 255


def to_bytes(values: Tensor) -> np.ndarray:
    """Images (N, C, H, W) as (N, H, W, C) uint8, and maps (N, H, W) as they are.

    Values must be in 0-1; each is rounded to the nearest level, halves to even.
    """
    levels = (values * 255).round().to(torch.uint8)
    return (levels.permute(0, 2, 3, 1) if levels.ndim == 4 else levels).cpu().numpy()
