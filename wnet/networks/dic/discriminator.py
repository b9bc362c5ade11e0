"""DICGAN's discriminator: LightCNN-9's convolutions. Maps are (B, C, H, W)."""

from torch import Tensor, nn

from wnet.networks.blocks import conv
from wnet.networks.dic.config import Config
from wnet.networks.dic.network import less_mean

FEATURES = 256  # between the last map and the score


class LargerHalf(nn.Module):
    """(B, 2C, ...) to (B, C, ...): the maximum of channels c and C + c (max-feature-map)."""

    def forward(self, x: Tensor) -> Tensor:
        first, second = x.chunk(2, 1)
        return first.maximum(second)


def _contest(in_channels: int, out_channels: int, kernel: int) -> list[nn.Module]:
    return [conv(in_channels, 2 * out_channels, kernel), LargerHalf()]


class Discriminator(nn.Module):
    """Faces (B, 3, R, R), RGB 0 to 1, to logits (B, 1): positive is real."""

    def __init__(self, config: Config, side: int) -> None:
        """side: R, in pixels, a multiple of 16."""
        super().__init__()
        a, b, c, d = config.discriminator_channels
        layers = [*_contest(3, a, 5), nn.MaxPool2d(2)]
        layers += [*_contest(a, a, 1), *_contest(a, b, 3), nn.MaxPool2d(2)]
        layers += [*_contest(b, b, 1), *_contest(b, c, 3), nn.MaxPool2d(2)]
        layers += [*_contest(c, c, 1), *_contest(c, d, 3), *_contest(d, d, 1), *_contest(d, d, 3)]
        layers += [nn.MaxPool2d(2), nn.Flatten()]
        layers += [nn.Linear(d * (side // 16) ** 2, 2 * FEATURES), LargerHalf()]
        self.layers = nn.Sequential(*layers, nn.LeakyReLU(0.2), nn.Linear(FEATURES, 1))

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(less_mean(images))


DISCRIMINATOR = Discriminator
