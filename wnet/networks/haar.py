"""The Haar wavelet transform of blocks of 2x2 pixels, and its inverse."""

import torch
import torch.nn.functional as F
from torch import Tensor


def haar(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(B, C, H, W) to four maps (B, C, H/2, W/2), orthonormal; H and W are even.

    Of pixels A B over C D: the approximation (A+B+C+D)/2, the difference between columns
    (A-B+C-D)/2, between rows (A+B-C-D)/2, and the diagonal one (A-B-C+D)/2.
    """
    upper, lower = x[..., ::2, :], x[..., 1::2, :]
    sums, differences = (upper + lower) / 2, (upper - lower) / 2
    left, right = sums[..., ::2], sums[..., 1::2]
    left_of, right_of = differences[..., ::2], differences[..., 1::2]
    return left + right, left - right, left_of + right_of, left_of - right_of


def inverse_haar(approximation: Tensor, columns: Tensor, rows: Tensor, diagonal: Tensor) -> Tensor:
    """The inverse of `haar`: four maps (B, C, H/2, W/2) to (B, C, H, W)."""
    upper, lower = approximation + rows, approximation - rows
    upper_of, lower_of = columns + diagonal, columns - diagonal
    pixels = (upper + upper_of, upper - upper_of, lower + lower_of, lower - lower_of)
    return F.pixel_shuffle(torch.stack(pixels, 2).flatten(1, 2) / 2, 2)
