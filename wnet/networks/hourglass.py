"""The hourglass of residual units in FSRNet, DIC and W-Net. Maps are (B, C, H, W)."""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from wnet.networks.blocks import conv


class Residual(nn.Module):
    """x + body(x), with a 1x1 convolution of x if the numbers of channels differ."""

    def __init__(self, in_channels: int, out_channels: int, body: nn.Module) -> None:
        super().__init__()
        self.body = body
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else conv(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x) + self.body(x)


class Hourglass(nn.Module):
    """Maps to maps of the same shape; H and W are halved `depth` times and restored.

    unit: makes a residual unit, given channels in and out. mode: of `F.interpolate`.
    """

    def __init__(
        self, depth: int, channels: int, unit: Callable[[int, int], nn.Module], mode: str
    ) -> None:
        super().__init__()
        self.mode = mode
        self.aside = unit(channels, channels)
        self.before = unit(channels, channels)
        deeper = depth > 1
        self.centre = (
            Hourglass(depth - 1, channels, unit, mode) if deeper else unit(channels, channels)
        )
        self.after = unit(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        aside = self.aside(x)
        small = self.after(self.centre(self.before(F.max_pool2d(x, 2))))
        corners = True if self.mode == "bilinear" else None
        return aside + F.interpolate(small, aside.shape[2:], mode=self.mode, align_corners=corners)
