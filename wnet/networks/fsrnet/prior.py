"""The residual units of FSRNet's prior network."""

from torch import nn

from wnet.networks.blocks import conv
from wnet.networks.hourglass import Residual


class Unit(Residual):
    """A residual unit through half its output channels, with BN and ReLU before convolutions."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        half, layers, before = out_channels // 2, [], in_channels
        for channels, kernel in ((half, 1), (half, 3), (out_channels, 1)):
            layers += [nn.BatchNorm2d(before), nn.ReLU(), conv(before, channels, kernel)]
            before = channels
        super().__init__(in_channels, out_channels, nn.Sequential(*layers))
