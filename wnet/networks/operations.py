"""The cost of a network: the number of operations per face, on any machine."""

import torch
from torch import nn


@torch.no_grad()
def operations_a_face(network: nn.Module, lr_side: int) -> int:
    """Count additions and multiplications in the convolutions and matrix products for one face.

    network: in eval mode. lr_side: of its square input, in pixels.
    """
    from torch.utils.flop_counter import FlopCounterMode

    first = next(network.parameters())
    face = torch.zeros(1, 3, lr_side, lr_side, device=first.device, dtype=first.dtype)
    with FlopCounterMode(display=False) as counter:
        network(face)
    return counter.get_total_flops()
