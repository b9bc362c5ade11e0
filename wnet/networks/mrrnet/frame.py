"""The frame of MRRNet, as of SPARNet: three units down, some at the bottom, three up.

Every map is (B, C, H, W). Convolutions use reflection padding.
"""

from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn

from wnet.networks.blocks import reflecting

Layer = Callable[[int], nn.Module]
"""A function that makes a shape-preserving layer for a number of channels."""


class Unit(nn.Module):
    """shortcut(x) + attention(body(x)), at the size of x, or at half (`down`) or twice (`up`) it.

    The body normalizes first; its second convolution halves, and doubling precedes its first. The
    shortcut is x itself if the size does not change.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        size: Literal["same", "down", "up"],
        norm: Layer,
        attention: nn.Module,
    ) -> None:
        super().__init__()
        stride = 2 if size == "down" else 1
        enlarged = [nn.Upsample(scale_factor=2, mode="nearest")] if size == "up" else []
        self.shortcut = nn.Identity()
        if size != "same":
            resized = reflecting(in_channels, out_channels, 3, stride)
            self.shortcut = nn.Sequential(*enlarged, resized)
        self.body = nn.Sequential(
            norm(in_channels),
            nn.LeakyReLU(0.2),
            *enlarged,
            reflecting(in_channels, out_channels, 3, bias=False),
            norm(out_channels),
            nn.LeakyReLU(0.2),
            reflecting(out_channels, out_channels, 3, stride, bias=False),
            norm(out_channels),
        )
        self.attention = attention

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x) + self.attention(self.body(x))


class Frame(nn.Sequential):
    """Images (B, 3, H, W), -1 to 1, to images of the same shape, through an eighth of their size.

    width: channels at full size; norm and attention make these layers of every unit.
    """

    def __init__(self, width: int, blocks: int, norm: Layer, attention: Layer) -> None:
        twice, most = 2 * width, 4 * width
        steps = [
            (width, twice, "down"),
            (twice, most, "down"),
            (most, most, "down"),
            *[(most, most, "same")] * blocks,
            (most, most, "up"),
            (most, twice, "up"),
            (twice, width, "up"),
        ]
        units = (Unit(before, after, size, norm, attention(after)) for before, after, size in steps)
        super().__init__(reflecting(3, width, 3), *units, reflecting(width, 3, 3))
