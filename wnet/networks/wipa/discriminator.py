"""WIPA's discriminator: the probability that a face is real."""

from torch import Tensor, nn

from wnet.networks.wipa.config import Config

LAST = 64  # channels of the last map, at any width


class Discriminator(nn.Module):
    """Faces (B, 3, R, R), RGB 0 to 1, to probabilities (B, 1)."""

    def __init__(self, config: Config, side: int) -> None:
        """side: R, in pixels, a multiple of 16; the last kernel covers the whole last map."""
        super().__init__()
        width = config.discriminator_width
        layers = [nn.Conv2d(3, width, 4, stride=2, padding=1), nn.LeakyReLU(0.1)]
        for channels in (width, 2 * width, 4 * width):
            layers += [
                nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1),
                nn.BatchNorm2d(2 * channels),
                nn.LeakyReLU(0.1),
            ]
        layers += [nn.Conv2d(8 * width, LAST, side // 16), nn.LeakyReLU(0.1), nn.Flatten()]
        self.layers = nn.Sequential(*layers, nn.Linear(LAST, 1), nn.Sigmoid())

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(2 * images - 1)


DISCRIMINATOR = Discriminator
