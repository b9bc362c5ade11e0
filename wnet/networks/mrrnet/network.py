"""MRRNet: SPARNet's frame with attention at four scales. Maps are (B, C, H, W)."""

from functools import partial

import torch
from torch import Tensor, nn

from wnet.networks.blocks import enlarge, reflecting
from wnet.networks.mrrnet.config import Config
from wnet.networks.mrrnet.frame import Frame
from wnet.networks.network import Network


class MultiScaleAttention(nn.Module):
    """x times a weight in (0, 1) for each pixel, from kernels of 1, 3, 5 and 7 pixels.

    `channels` is a multiple of 4: each kernel gives a quarter of them.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scales = nn.ModuleList(
            reflecting(channels, channels // 4, kernel) for kernel in (1, 3, 5, 7)
        )
        self.norm = nn.InstanceNorm2d(channels)
        self.weigh = reflecting(channels, 1, 3)

    def forward(self, x: Tensor) -> Tensor:
        seen = torch.relu(torch.cat([scale(x) for scale in self.scales], 1))
        return x * torch.sigmoid(self.weigh(self.norm(seen)))


def _start(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d):
        nn.init.normal_(layer.weight, std=0.02)


class MRRNet(Network):
    """The frame applied to the enlarged face, without a global residual.

    Convolutions have initial weights from N(0, 0.02), as published, and PyTorch's biases.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        norm = partial(nn.InstanceNorm2d, affine=True)
        self.frame = Frame(config.width, config.blocks, norm, MultiScaleAttention)
        self.apply(_start)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        enlarged = enlarge(lr, self.scale)
        return {"sr": (self.frame(2 * enlarged - 1) + 1) / 2}


NETWORK = MRRNet
