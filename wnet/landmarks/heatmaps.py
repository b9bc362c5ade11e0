"""Heatmaps of landmarks, the training targets of networks that estimate them."""

import torch
from torch import Tensor


def heatmaps(points: Tensor, picture: int, side: int, sigma: float) -> Tensor:
    """One Gaussian of peak 1 for each point: (B, N, 2) to (B, N, side, side), on their device.

    points: x, y in pixels of faces of `picture` pixels a side, (0, 0) at the first pixel of both
    grids. sigma: in pixels of the map. A point outside the picture contributes its tail.
    """
    centre = points * (side / picture)
    grid = torch.arange(side, dtype=points.dtype, device=points.device)
    # exp(-(x^2 + y^2)) is a product: one row and one column for each point, not a plane of sums
    across, down = torch.exp(-(centre[..., None] - grid).square() / (2 * sigma**2)).unbind(2)
    return down[..., :, None] * across[..., None, :]
