"""The parsing map, predicted from the LR image (eq. 2 to 8).

Every map is (B, C, H, W) at the LR size; C is the network's width.
"""

import torch
from torch import Tensor, nn

from wnet.networks.blocks import ChannelSpatialAttention, conv
from wnet.networks.hourglass import Hourglass, Residual


def residual_block(channels: int) -> nn.Module:
    """x + conv(ReLU(conv(x))): the `Res` of eq. 3, without normalization as in FishFSRNet."""
    body = nn.Sequential(conv(channels, channels, 3), nn.ReLU(), conv(channels, channels, 3))
    return Residual(channels, channels, body)


def bottleneck(in_channels: int, out_channels: int) -> nn.Module:
    """The hourglass's residual unit, through half the channels.

    No BatchNorm: at a 16 px LR image the centre of a depth-4 hourglass is one pixel, where a batch
    of one has no variance.
    """
    half = in_channels // 2
    body = nn.Sequential(
        conv(in_channels, half, 1),
        nn.ReLU(),
        conv(half, half, 3),
        nn.ReLU(),
        conv(half, out_channels, 1),
    )
    return Residual(in_channels, out_channels, body)


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
        self.residual = nn.Sequential(*(residual_block(width) for _ in range(residual_blocks)))
        # The `HG` of eq. 3, stated to be 4 deep; its inside is not given. Ours has one ReLU between
        # convolutions and nearest-neighbour enlargement.
        self.hourglass = Hourglass(hourglass_depth, width, bottleneck, "nearest")
        # Eq. 4 has three scales: one "adjusts" and two "reduce" the channels. The kernel sizes
        # 1, 3 and 5 are our choice.
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
    """Replaces the Parsing Block in the ablation (Table 3, "standard ConvBlock").

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
