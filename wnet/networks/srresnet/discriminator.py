"""SRGAN's discriminator (Ledig et al., arXiv 1609.04802)."""

from torch import nn

from wnet.networks.blocks import conv
from wnet.networks.initial import draw_kaiming


class Discriminator(nn.Sequential):
    """HR or SR faces (B, 3, side, side) to logits (B, 1): positive is real.

    `width` is 64 in the paper. It has eight convolutions, four of which halve, and then looks at
    the whole face, so it fits one size; raises ValueError unless the side is a multiple of 16.
    """

    def __init__(self, width: int, side: int) -> None:
        if side < 16 or side % 16:
            raise ValueError(
                f"a side of {side} px cannot be halved four times: use multiples of 16"
            )
        layers: list[nn.Module] = [conv(3, width, 3), nn.LeakyReLU(0.2)]
        for index in range(1, 8):
            before, after = (width * 2 ** (number // 2) for number in (index - 1, index))
            stride = 1 + index % 2
            layers += [conv(before, after, 3, stride=stride, bias=False), nn.BatchNorm2d(after)]
            layers += [nn.LeakyReLU(0.2)]
        features = 8 * width * (side // 16) ** 2
        layers += [nn.Flatten(), nn.Linear(features, 16 * width)]
        super().__init__(*layers, nn.LeakyReLU(0.2), nn.Linear(16 * width, 1))
        draw_kaiming(self)
