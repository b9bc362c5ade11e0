"""DIC's hourglass, which estimates the 68 landmarks of a face. Maps are (B, C, H, W)."""

import torch
from torch import Tensor, nn

from wnet.networks.blocks import conv
from wnet.networks.hourglass import Hourglass, Residual

POINTS = 68


class Unit(Residual):
    """A residual unit through half of its output channels, with a ReLU after its first convolution.

    The published code has BatchNorm before each ReLU, and neither where BatchNorm is left out.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        half = out_channels // 2
        body = nn.Sequential(
            conv(in_channels, half, 1), nn.ReLU(), conv(half, half, 3), conv(half, out_channels, 1)
        )
        super().__init__(in_channels, out_channels, body)


class Alignment(nn.Module):
    """Faces to heatmaps of their landmarks, with a memory from one step to the next."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width // 4, 7, stride=2, padding=3),
            nn.ReLU(),
            Unit(width // 4, width // 2),
            nn.MaxPool2d(2),
            Unit(width // 2, width // 2),
            Unit(width // 2, width),
        )
        self.hourglass = nn.Sequential(
            conv(2 * width, 2 * width, 1), Hourglass(depth, 2 * width, Unit, "bilinear")
        )
        self.heads = nn.Sequential(
            Unit(width, width), conv(width, width, 1), nn.ReLU(), conv(width, POINTS, 1)
        )

    def forward(self, images: Tensor, memory: Tensor | None) -> tuple[Tensor, Tensor]:
        """Heatmaps (B, 68, H/4, W/4) and the next memory, (B, width, H/4, W/4).

        images: (B, 3, H, W), RGB 0 to 1 minus the mean. memory: None in the first step.
        """
        features = self.stem(images)
        memory = features if memory is None else memory
        found, memory = self.hourglass(torch.cat((features, memory), 1)).chunk(2, 1)
        return self.heads(found), memory
