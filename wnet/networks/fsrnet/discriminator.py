"""FSRGAN's discriminator: the probability that each part of a face is real."""

from torch import Tensor, nn

from wnet.networks.blocks import conv
from wnet.networks.fsrnet.config import Config


def _normal(layer: nn.Module, channels: int) -> list[nn.Module]:
    return [layer, nn.BatchNorm2d(channels), nn.LeakyReLU(0.2)]


def _halving(channels: int) -> list[nn.Module]:
    return _normal(nn.Conv2d(channels, channels, 3, stride=2, padding=1), channels)


class Discriminator(nn.Module):
    """Faces (B, 3, R, R), RGB 0 to 1, to probabilities (B, 1, R/16, R/16)."""

    def __init__(self, config: Config, side: int) -> None:
        """side: R, in pixels; the layers are the same for any."""
        super().__init__()
        width = config.discriminator_width
        layers = [conv(3, width, 3), nn.LeakyReLU(0.2), *_halving(width)]
        for channels in (2 * width, 4 * width, 8 * width):
            layers += [*_normal(conv(channels // 2, channels, 3), channels), *_halving(channels)]
        self.layers = nn.Sequential(*layers, conv(8 * width, 1, 3), nn.Sigmoid())

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(2 * images - 1)


DISCRIMINATOR = Discriminator
