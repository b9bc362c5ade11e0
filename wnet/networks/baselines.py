"""The networks that W-Net is compared with, each from its paper, in RGB and at our scales.

SRCNN: Dong et al., arXiv 1501.00092. VDSR: Kim et al., arXiv 1511.04587. EDSR: Lim et al.,
arXiv 1707.02921. All maps are (B, C, H, W). None estimates a parsing map.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from wnet.networks.blocks import conv, enlarge
from wnet.networks.config import EDSRConfig, SRCNNConfig, VDSRConfig
from wnet.networks.network import Network


class SRCNN(Network):
    """Patch extraction, nonlinear mapping, reconstruction, on the bicubic enlargement.

    Zero padding keeps the size, where the paper loses the border; weights start as PyTorch's.
    """

    config_class = SRCNNConfig

    def __init__(self, config: SRCNNConfig) -> None:
        super().__init__(config)
        (first, second, third), (wide, narrow) = config.kernels, config.channels
        self.extract = conv(3, wide, first)
        self.map = conv(wide, narrow, second)
        self.reconstruct = conv(narrow, 3, third)

    def forward(self, lr: Tensor) -> tuple[Tensor, None]:
        features = torch.relu(self.extract(enlarge(lr, self.config.scale)))
        return self.reconstruct(torch.relu(self.map(features))), None


class VDSR(Network):
    """`depth` 3x3 convolutions that predict what the bicubic enlargement misses.

    Weights start as He's, as in the paper.
    """

    config_class = VDSRConfig

    def __init__(self, config: VDSRConfig) -> None:
        super().__init__(config)
        sides = [3, *[config.width] * (config.depth - 1), 3]
        layers: list[nn.Module] = []
        for before, after in pairwise(sides):
            layer = conv(before, after, 3)
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
            layers += [layer, nn.ReLU()]
        self.body = nn.Sequential(*layers[:-1])

    def forward(self, lr: Tensor) -> tuple[Tensor, None]:
        enlarged = enlarge(lr, self.config.scale)
        return enlarged + self.body(enlarged), None


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

    The paper subtracts the mean colour of its photographs; here images keep their 0 to 1, as
    W-Net's do. 16 blocks of width 64 are its EDSR-baseline.
    """

    config_class = EDSRConfig

    def __init__(self, config: EDSRConfig) -> None:
        super().__init__(config)
        width = config.width
        self.head = conv(3, width, 3)
        blocks = (ScaledResidual(width, config.residual_scale) for _ in range(config.blocks))
        self.body = nn.Sequential(*blocks, conv(width, width, 3))
        doublings: list[nn.Module] = []
        for _ in range(config.scale.bit_length() - 1):
            doublings += [conv(width, 4 * width, 3), nn.PixelShuffle(2)]
        self.enlarge = nn.Sequential(*doublings)
        self.tail = conv(width, 3, 3)

    def forward(self, lr: Tensor) -> tuple[Tensor, None]:
        features = self.head(lr)
        return self.tail(self.enlarge(features + self.body(features))), None
