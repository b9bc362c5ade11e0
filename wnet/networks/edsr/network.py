"""EDSR (Lim et al., arXiv 1707.02921), in RGB and at our scales. Maps are (B, C, H, W)."""

from torch import Tensor, nn

from wnet.networks.blocks import conv
from wnet.networks.edsr.config import Config
from wnet.networks.network import Network


class ScaledResidual(nn.Module):
    """EDSR's block: x + residual_scale * conv(ReLU(conv(x))), without normalization."""

    def __init__(self, width: int, residual_scale: float) -> None:
        super().__init__()
        self.body = nn.Sequential(conv(width, width, 3), nn.ReLU(), conv(width, width, 3))
        self.residual_scale = residual_scale

    def forward(self, x: Tensor) -> Tensor:
        return x + self.residual_scale * self.body(x)


class EDSR(Network):
    """Residual blocks at the LR size, then a doubling by pixel shuffle for each factor of 2.

    The paper subtracts the mean colour of its photographs; here images are 0 to 1, as in W-Net.
    16 blocks of width 64 are the paper's EDSR-baseline.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        width = config.width
        self.head = conv(3, width, 3)
        blocks = (ScaledResidual(width, config.residual_scale) for _ in range(config.blocks))
        self.body = nn.Sequential(*blocks, conv(width, width, 3))
        doublings: list[nn.Module] = []
        for _ in range(scale.bit_length() - 1):
            doublings += [conv(width, 4 * width, 3), nn.PixelShuffle(2)]
        self.enlarge = nn.Sequential(*doublings)
        self.tail = conv(width, 3, 3)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        features = self.head(lr)
        return {"sr": self.tail(self.enlarge(features + self.body(features)))}


NETWORK = EDSR
