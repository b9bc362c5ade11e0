"""The parsing map, predicted from the LR image (eq. 2 to 8).

Every map is (B, C, H, W) at the LR size; C is the network's width.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.networks.blocks import ChannelSpatialAttention, conv


class ResidualBlock(nn.Module):
    """x + conv(ReLU(conv(x))): the `Res` of eq. 3, without normalization as in FishFSRNet."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv(channels, channels, 3), nn.ReLU(), conv(channels, channels, 3)
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Bottleneck(nn.Module):
    """The hourglass's residual unit, through half the channels.

    No BatchNorm: at a 16 px LR image the centre of a depth-4 hourglass is one pixel, where a batch
    of one has no variance.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.body = nn.Sequential(
            conv(channels, half, 1),
            nn.ReLU(),
            conv(half, half, 3),
            nn.ReLU(),
            conv(half, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Hourglass(nn.Module):
    """The `HG` of eq. 3 (stated: depth 4): H and W are halved `depth` times and restored.

    The paper shows no inside; this is the hourglass of DIC. Its enlargement is nearest here.
    """

    def __init__(self, depth: int, channels: int) -> None:
        super().__init__()
        self.aside = Bottleneck(channels)
        self.before = Bottleneck(channels)
        self.centre = Hourglass(depth - 1, channels) if depth > 1 else Bottleneck(channels)
        self.after = Bottleneck(channels)

    def forward(self, x: Tensor) -> Tensor:
        small = self.after(self.centre(self.before(F.max_pool2d(x, 2))))
        return self.aside(x) + F.interpolate(small, scale_factor=2.0, mode="nearest")


class ParsingBlock(nn.Module):
    """LR image (B, 3, H, W), RGB 0 to 1, to parsing map (B, P, H, W), linear (eq. 2 to 8)."""

    def __init__(
        self,
        *,
        width: int,
        parsing_channels: int,
        residual_blocks: int,
        hourglass_depth: int,
        attention_reduction: int,
    ) -> None:
        super().__init__()
        half = width // 2
        self.head = conv(3, width, 3)
        self.residual = nn.Sequential(*(ResidualBlock(width) for _ in range(residual_blocks)))
        self.hourglass = Hourglass(hourglass_depth, width)
        # Eq. 4 asks for three scales: one "adjusts" and two "reduce" the channels. The kernel sizes
        # 1, 3, 5 are ours.
        self.scale_1 = conv(width, width, 1)
        self.scale_3 = conv(width, half, 3)
        self.scale_5 = conv(width, half, 5)
        # Eq. 5: "doubled" is read as twice the width, which the concatenation already has.
        self.doubled = conv(2 * width, 2 * width, 3)
        self.halved = conv(width, half, 3)
        gathered = 5 * width + half
        self.attention = ChannelSpatialAttention(gathered, attention_reduction)
        self.adjust = conv(gathered, width, 1)
        self.tail = conv(width, parsing_channels, 3)

    def forward(self, lr: Tensor) -> Tensor:
        initial = self.head(lr)  # eq. 2
        features = self.hourglass(self.residual(initial))  # eq. 3
        scales = (self.scale_1(features), self.scale_3(features), self.scale_5(features))  # eq. 4
        scales = torch.cat(scales, 1)  # (B, 2C, H, W), eq. 5
        gathered = torch.cat(
            (self.doubled(scales), scales, self.halved(features), features), 1
        )  # (B, 5.5C, H, W), eq. 6
        # Eq. 7 adds "the initial feature map": that of eq. 2, not the hourglass's input or output.
        refined = self.adjust(self.attention(gathered)) + initial
        return self.tail(refined)  # eq. 8


class PlainParsing(nn.Sequential):
    """What replaces the Parsing Block in the ablation (Table 3, "standard ConvBlock").

    The paper gives no layers: three 3x3 convolutions with ReLU between them are our choice.
    """

    def __init__(self, width: int, parsing_channels: int) -> None:
        super().__init__(
            conv(3, width, 3),
            nn.ReLU(),
            conv(width, width, 3),
            nn.ReLU(),
            conv(width, parsing_channels, 3),
        )
