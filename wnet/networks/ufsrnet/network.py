"""UFSRNet (Wang et al., https://doi.org/10.1007/s11042-024-18284-y). Maps are (B, C, H, W)."""

import torch
from torch import Tensor, nn

from wnet.networks.blocks import conv, enlarge
from wnet.networks.haar import haar, inverse_haar
from wnet.networks.initial import draw_narrow
from wnet.networks.network import Network
from wnet.networks.ufsrnet.block import Block, depthwise
from wnet.networks.ufsrnet.config import Config


def _gate(channels: int) -> nn.Sequential:
    """(B, C, H, W) to a number from 0 to 1 for every pixel, (B, 1, H, W)."""
    return nn.Sequential(conv(channels, 1, 1), nn.Sigmoid())


class Down(nn.Module):
    """(B, before, H, W) to (B, after, H/2, W/2), by a wavelet transform."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.mix = conv(4 * before, after, 1)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, x: Tensor) -> Tensor:
        approximation, columns, rows, diagonal = haar(x)
        wavelets = torch.cat((approximation, -columns, -rows, diagonal), 1)
        return self.act(self.mix(wavelets))


class Up(nn.Module):
    """(B, before, H, W) to (B, after, 2H, 2W), by the inverse wavelet transform of `act`."""

    def __init__(self, before: int, after: int, act: nn.Module) -> None:
        super().__init__()
        self.mix, self.act = conv(before, 4 * after, 1), act

    def forward(self, x: Tensor) -> Tensor:
        approximation, columns, rows, diagonal = self.act(self.mix(x)).chunk(4, 1)
        return inverse_haar(approximation, -columns, -rows, diagonal)


class Calibrated(nn.Module):
    """x + gate(x) * y, where y is two depthwise convolutions of x."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(depthwise(channels), nn.LeakyReLU(0.2), depthwise(channels))
        self.gate = _gate(channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) * self.gate(x)


class Bottom(nn.Module):
    """The middle of the U: one of its two blocks is used twice, with the same weights."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.local, self.gate = depthwise(channels), _gate(channels)
        self.twice, self.once = Block(channels), Block(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.twice(self.local(x)) * self.gate(x)
        return self.twice(self.once(x))


class Body(nn.Module):
    """Enlarged images, (B, 3, H, W) from -1 to 1, to SR ones; H and W are multiples of 8."""

    def __init__(self, width: int) -> None:
        super().__init__()
        middle, wide, leaky = 2 * width, 4 * width, nn.LeakyReLU(0.2)
        self.head = conv(3, width, 3)
        self.to_half = nn.Sequential(Down(width, middle), Calibrated(middle))
        self.to_quarter = nn.Sequential(Down(middle, wide), Calibrated(wide))
        self.bottom = nn.Sequential(Down(wide, wide), Bottom(wide), Up(wide, wide, leaky))
        # the original has no activation in the second enlargement
        self.from_quarter = nn.Sequential(Block(wide), Block(wide), Up(wide, middle, nn.Identity()))
        self.from_half = nn.Sequential(Block(middle), Block(middle), Up(middle, width, leaky))
        # its last leaky ReLU makes darkening corrections five times as hard as brightening
        self.tail = nn.Sequential(conv(width, 3, 3), leaky, nn.Tanh())

    def forward(self, image: Tensor) -> Tensor:
        full = self.head(image)
        half = self.to_half(full)
        quarter = self.to_quarter(half)
        quarter = self.bottom(quarter) + quarter
        half = self.from_quarter(quarter) + half
        return image + self.tail(self.from_half(half) + full)


class UFSRNet(Network):
    """A wavelet U-Net that corrects the bicubic enlargement; images in `body` are -1 to 1."""

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        self.body = Body(config.width)
        draw_narrow(self)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        enlarged = 2 * enlarge(lr, self.scale) - 1
        return {"sr": (self.body(enlarged) + 1) / 2}


NETWORK = UFSRNet
