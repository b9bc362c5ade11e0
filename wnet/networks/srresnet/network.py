"""SRResNet, the generator of SRGAN (Ledig et al., arXiv 1609.04802). Maps are (B, C, H, W)."""

from torch import Tensor, nn

from wnet.networks.blocks import conv
from wnet.networks.initial import draw_kaiming
from wnet.networks.network import Network
from wnet.networks.srresnet.config import Config


def _normalized(width: int) -> list[nn.Module]:
    return [conv(width, width, 3, bias=False), nn.BatchNorm2d(width)]


class Residual(nn.Module):
    """x + BN(conv(PReLU(BN(conv(x)))))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(*_normalized(width), nn.PReLU(), *_normalized(width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class SRResNet(Network):
    """Residual blocks with BatchNorm at the LR size, then a doubling for each factor of 2.

    The paper enlarges 4 times; at 8 there is one more doubling. `sr` is not clipped in the network:
    a pixel outside 0 to 1 needs a gradient to come back.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        width = config.width
        self.head = nn.Sequential(conv(3, width, 9), nn.PReLU())
        blocks = (Residual(width) for _ in range(config.blocks))
        self.body = nn.Sequential(*blocks, *_normalized(width))
        doublings: list[nn.Module] = []
        for _ in range(scale.bit_length() - 1):
            doublings += [conv(width, 4 * width, 3), nn.PixelShuffle(2), nn.PReLU()]
        self.enlarge = nn.Sequential(*doublings)
        self.tail = conv(width, 3, 9)
        draw_kaiming(self)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        features = self.head(lr)
        return {"sr": self.tail(self.enlarge(features + self.body(features)))}


NETWORK = SRResNet
