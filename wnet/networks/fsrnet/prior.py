"""FSRNet's prior network: where the parts of a face are. Maps are (B, C, H, W)."""

import torch.nn.functional as F
from torch import Tensor, nn

from wnet.networks.blocks import conv


class Unit(nn.Module):
    """A residual unit through half the channels it ends with, each convolution after BN, ReLU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        half, layers, before = out_channels // 2, [], in_channels
        for channels, kernel in ((half, 1), (half, 3), (out_channels, 1)):
            layers += [nn.BatchNorm2d(before), nn.ReLU(), conv(before, channels, kernel)]
            before = channels
        self.body = nn.Sequential(*layers)
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else conv(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x) + self.body(x)


class Hourglass(nn.Module):
    """Maps of any channels to maps like them; H and W are halved `depth` times and restored."""

    def __init__(self, depth: int, channels: int) -> None:
        super().__init__()
        self.aside = Unit(channels, channels)
        self.before = Unit(channels, channels)
        centre = Hourglass(depth - 1, channels) if depth > 1 else Unit(channels, channels)
        self.centre = centre
        self.after = Unit(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        small = self.after(self.centre(self.before(F.max_pool2d(x, 2))))
        return self.aside(x) + F.interpolate(small, scale_factor=2.0, mode="nearest")
