"""SPARNet (Chen et al., arXiv 2012.01211). Maps are (B, C, H, W)."""

from typing import Literal

from torch import Tensor, nn

from wnet.networks.blocks import conv, enlarge
from wnet.networks.initial import draw_narrow
from wnet.networks.network import Network
from wnet.networks.sparnet.config import Config

Resize = Literal["down", "keep", "up"]


def _conv(before: int, after: int, **options) -> nn.Conv2d:
    return conv(before, after, 3, padding_mode="reflect", **options)


def _activated(channels: int) -> list[nn.Module]:
    return [nn.BatchNorm2d(channels), nn.LeakyReLU(0.2)]


def _unit(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(_conv(before, after, stride=stride, bias=False), *_activated(after))


def _resized(before: int, after: int, resize: Resize, bias: bool) -> nn.Sequential:
    layer = _conv(before, after, stride=2 if resize == "down" else 1, bias=bias)
    return nn.Sequential(*[nn.Upsample(scale_factor=2)] * (resize == "up"), layer)


class Hourglass(nn.Module):
    """(B, before, H, W) to (B, width, H, W), through maps halved `depth` times."""

    def __init__(self, depth: int, before: int, width: int) -> None:
        super().__init__()
        self.aside = _unit(before, width)
        inner = Hourglass(depth - 1, width, width) if depth > 1 else _unit(width, width)
        self.through = nn.Sequential(
            _unit(before, width, stride=2), inner, nn.Upsample(scale_factor=2), _unit(width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.aside(x) + self.through(x)


class FaceAttentionUnit(nn.Module):
    """shortcut(x) + features * attention(features), where features = body(x).

    `down` halves H and W, `up` doubles them; in `keep` the shortcut is the input itself. Attention
    is from 0 to 1, from an hourglass with `depth` halvings and `width` channels.
    """

    def __init__(
        self, before: int, after: int, resize: Resize, depth: int, width: int, attention: str
    ) -> None:
        super().__init__()
        keeps = resize == "keep"
        self.shortcut = nn.Identity() if keeps else _resized(before, after, resize, bias=True)
        self.body = nn.Sequential(
            *_activated(before),
            _resized(before, after, "up" if resize == "up" else "keep", bias=False),
            *_activated(after),
            _resized(after, after, "down" if resize == "down" else "keep", bias=False),
            nn.BatchNorm2d(after),
        )
        weights = 1 if attention == "2d" else after
        self.attention = nn.Sequential(
            Hourglass(depth, after, width), _conv(width, weights), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        features = self.body(x)
        return self.shortcut(x) + features * self.attention(features)


class SPARNet(Network):
    """Face attention units on the bicubic enlargement: three down, `blocks` there, three up.

    `body` maps HR-sized images to images, both -1 to 1; there is no global residual.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        width, wide = config.width, 4 * config.width
        sizes: list[tuple[int, int, Resize, int]] = [
            (width, 2 * width, "down", 4),
            (2 * width, wide, "down", 3),
            (wide, wide, "down", 2),
            *[(wide, wide, "keep", 2)] * config.blocks,
            (wide, wide, "up", 3),
            (wide, 2 * width, "up", 4),
            (2 * width, width, "up", 5),
        ]
        units = (FaceAttentionUnit(*size, 2 * width, config.attention) for size in sizes)
        self.body = nn.Sequential(_conv(3, width), *units, _conv(width, 3))
        draw_narrow(self)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        enlarged = 2 * enlarge(lr, self.scale) - 1
        return {"sr": (self.body(enlarged) + 1) / 2}


NETWORK = SPARNet
