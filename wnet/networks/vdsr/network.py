"""VDSR (Kim et al., arXiv 1511.04587), in RGB and at our scales. Maps are (B, C, H, W)."""

from itertools import pairwise

from torch import Tensor, nn

from wnet.networks.blocks import conv, enlarge
from wnet.networks.network import Network
from wnet.networks.vdsr.config import Config


class VDSR(Network):
    """`depth` 3x3 convolutions that predict the residual of the bicubic enlargement.

    Initial weights are He's, as in the paper.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        sides = [3, *[config.width] * (config.depth - 1), 3]
        layers: list[nn.Module] = []
        for before, after in pairwise(sides):
            layer = conv(before, after, 3)
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
            layers += [layer, nn.ReLU()]
        self.body = nn.Sequential(*layers[:-1])

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        enlarged = enlarge(lr, self.scale)
        return {"sr": enlarged + self.body(enlarged)}


NETWORK = VDSR
