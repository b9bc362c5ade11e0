"""UFSRNet's block: gated attention in parallel with distillation. Maps are (B, C, H, W)."""

import torch
from torch import Tensor, nn

from wnet.networks.blocks import ChannelLayerNorm, conv


def depthwise(channels: int) -> nn.Conv2d:
    """A depthwise 3x3 convolution."""
    return conv(channels, channels, 3, groups=channels)


class HalvesMultiplied(nn.Module):
    """(B, 2C, H, W) to (B, C, H, W): the product of the two halves of the channels."""

    def forward(self, x: Tensor) -> Tensor:
        first, second = x.chunk(2, 1)
        return first * second


class GatedAttention(nn.Module):
    """x + y + feed_forward(y), where y = x + attention(x) * beta and beta starts at 0."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attend = nn.Sequential(
            ChannelLayerNorm(channels, eps=1e-6),
            conv(channels, 2 * channels, 1),
            depthwise(2 * channels),
            HalvesMultiplied(),
        )
        self.weigh = nn.Sequential(nn.AdaptiveAvgPool2d(1), conv(channels, channels, 1))
        self.project = conv(channels, channels, 1)
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.feed_forward = nn.Sequential(
            ChannelLayerNorm(channels, eps=1e-6),
            conv(channels, 2 * channels, 1),
            HalvesMultiplied(),
            conv(channels, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        attended = self.attend(x)
        y = x + self.project(attended * self.weigh(attended)) * self.beta
        return x + y + self.feed_forward(y)


class Distillation(nn.Module):
    """x + the halves of the channels kept by four steps, three of which refine the other half."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half, steps = channels // 2, range(3)
        self.act = nn.LeakyReLU(0.05)
        self.keep = nn.ModuleList(conv(channels, half, 1) for _ in steps)
        self.refine = nn.ModuleList(conv(channels, channels, 3) for _ in steps)
        self.keep_last = conv(channels, half, 3)
        self.merge = conv(4 * half, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        left, kept = x, []
        for keep, refine in zip(self.keep, self.refine, strict=True):
            kept.append(self.act(keep(left)))
            left = self.act(refine(left) + left)
        kept.append(self.act(self.keep_last(left)))
        return x + self.merge(torch.cat(kept, 1))


class Block(nn.Module):
    """Gated attention and distillation of the same map, merged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attention = GatedAttention(channels)
        self.distillation = Distillation(channels)
        self.merge = conv(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.merge(torch.cat((self.attention(x), self.distillation(x)), 1))
