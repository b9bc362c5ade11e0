"""Weights and inputs by formula, so that independent implementations of a network give equal
output.

A tensor's values depend only on its shape and its role, never on its name or its order.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

NORMS = (nn.modules.batchnorm._BatchNorm, nn.modules.instancenorm._InstanceNorm, nn.LayerNorm)


def hashed(count: int) -> np.ndarray:
    """`count` numbers from -0.5 to 0.5: a 32-bit hash (PCG's) of 0, 1, 2, ..."""
    index = np.arange(count, dtype=np.uint32)
    state = index * np.uint32(747796405) + np.uint32(2891336453)
    word = ((state >> ((state >> np.uint32(28)) + np.uint32(4))) ^ state) * np.uint32(277803737)
    return ((word >> np.uint32(22)) ^ word) / 2**32 - 0.5


def order_free(network: nn.Module) -> nn.Module:
    """Give a network order-free weights, rounded to float32, and make it float64, in eval mode.

    Parameters named `temperature` are attention temperatures (1); PReLU's slopes are 0.25.
    """
    network = network.float().eval()
    with torch.no_grad():
        for name, parameter, owner in _parameters(network):
            parameter.copy_(_value(name, parameter, owner))
    return network.double()


def _parameters(network: nn.Module) -> Iterator[tuple[str, Tensor, nn.Module]]:
    for owner in network.modules():
        for name, parameter in owner.named_parameters(recurse=False):
            yield name, parameter, owner


def _value(name: str, parameter: Tensor, owner: nn.Module) -> Tensor:
    if isinstance(owner, nn.PReLU):
        return torch.full_like(parameter, 0.25)
    if name == "temperature":
        return torch.ones_like(parameter)
    u = torch.from_numpy(hashed(parameter.numel())).view(parameter.shape)
    if isinstance(owner, NORMS) and name == "weight":
        return 1 + 0.2 * u
    if parameter.ndim < 2:
        return 0.2 * u
    return u * 12**0.5 * 0.7 / (parameter.numel() / len(parameter)) ** 0.5


def wave(side: int) -> Tensor:
    """The input for all figures: (1, 3, side, side) float64, between 0 and 1."""
    row, column = torch.meshgrid(*[torch.arange(side, dtype=torch.float64)] * 2, indexing="ij")
    planes = [
        0.5 + 0.25 * torch.sin(0.35 * row + 0.6 * c) + 0.25 * torch.cos(0.27 * column - 0.4 * c)
        for c in range(3)
    ]
    return torch.stack(planes)[None]


def figures(output: Tensor) -> list[float]:
    """Mean, population deviation, min, max and three pixels of (1, C, H, W)."""
    (maps,) = output
    channels, height, width = maps.shape
    pixels = [maps[0, 0, 0], maps[min(1, channels - 1), height // 2, width // 3]]
    pixels.append(maps[-1, height - 1, width - 2])
    values = [maps.mean(), maps.std(correction=0), maps.min(), maps.max(), *pixels]
    return [float(value) for value in values]
