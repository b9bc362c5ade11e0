"""DIC's feedback blocks, which refine features by alternately enlarging and reducing them.

Every map is (B, C, s, s), C the network's width, s a fourth of the HR side.
"""

import torch
from torch import Tensor, nn

from wnet.networks.blocks import conv
from wnet.networks.dic.config import PARTS, Config

SLOPE = 0.2  # initial slope of every PReLU, and the fixed slope of the fusion's leaky ReLU


def learned_relu() -> nn.PReLU:
    """A PReLU with one slope for all channels."""
    return nn.PReLU(init=SLOPE)


def squeeze(in_channels: int, out_channels: int) -> nn.Sequential:
    """A 1x1 convolution to fewer channels."""
    return nn.Sequential(conv(in_channels, out_channels, 1), learned_relu())


def _gather(maps: int, width: int) -> nn.Module:
    return squeeze(maps * width, width) if maps > 1 else nn.Identity()


class Groups(nn.Module):
    """Features enlarged eightfold and reduced again, each time from all maps so far."""

    def __init__(self, width: int, groups: int) -> None:
        super().__init__()
        counts = range(1, groups + 1)
        self.gather_low = nn.ModuleList(_gather(count, width) for count in counts)
        self.gather_high = nn.ModuleList(_gather(count, width) for count in counts)
        self.up = nn.ModuleList(
            nn.Sequential(nn.ConvTranspose2d(width, width, 12, 8, 2), learned_relu())
            for _ in counts
        )
        self.down = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 12, 8, 2), learned_relu()) for _ in counts
        )
        self.merge = squeeze(groups * width, width)

    def forward(self, x: Tensor) -> Tensor:
        low, high = [x], []
        steps = zip(self.gather_low, self.up, self.gather_high, self.down, strict=True)
        for gather_low, up, gather_high, down in steps:
            high.append(up(gather_low(torch.cat(low, 1))))
            low.append(down(gather_high(torch.cat(high, 1))))
        return self.merge(torch.cat(low[1:], 1))


class GroupedResidual(nn.Module):
    """x + conv(LReLU(conv(x))), with grouped convolutions."""

    def __init__(self, channels: int, parts: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, groups=parts),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(channels, channels, 3, padding=1, groups=parts),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def part_maps(heatmaps: Tensor) -> Tensor:
    """68 heatmaps (B, 68, s, s), each divided by its maximum, summed over PARTS: (B, 5, s, s).

    A maximum below 0.05 counts as 0.05, so that faint maps are not amplified.
    """
    scaled = heatmaps / heatmaps.amax((2, 3), keepdim=True).clamp_min(0.05)
    return torch.stack([scaled[:, first:end].sum(1) for first, end in PARTS], 1)


class Fusion(nn.Module):
    """The sum of features of each part of the face, weighted per pixel by the heatmaps."""

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        parts, channels = len(PARTS), len(PARTS) * width
        self.features = nn.Sequential(
            conv(width, channels, 1),
            nn.LeakyReLU(SLOPE),
            *(GroupedResidual(channels, parts) for _ in range(blocks)),
        )

    def forward(self, x: Tensor, heatmaps: Tensor) -> Tensor:
        features = self.features(x).unflatten(1, (len(PARTS), -1))  # (B, 5, C, s, s)
        weights = torch.softmax(part_maps(heatmaps), 1)[:, :, None]
        return (features * weights).sum(1)


class FirstFeedback(nn.Sequential):
    """The feedback block of the first step, whose only input is the face's own features."""

    def __init__(self, config: Config) -> None:
        super().__init__(squeeze(config.width, config.width), Groups(config.width, config.groups))


class Feedback(nn.Module):
    """The block of later steps: its inputs are also the previous step's features and heatmaps."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.squeeze = squeeze(2 * config.width, config.width)
        self.fusion = Fusion(config.width, config.fusion_blocks)
        self.groups = Groups(config.width, config.groups)

    def forward(self, x: Tensor, before: Tensor, heatmaps: Tensor) -> Tensor:
        return self.groups(self.fusion(self.squeeze(torch.cat((x, before), 1)), heatmaps))
