"""SRCNN (Dong et al., arXiv 1501.00092), in RGB and at our scales. Maps are (B, C, H, W)."""

import torch
from torch import Tensor

from wnet.networks.blocks import conv, enlarge
from wnet.networks.network import Network
from wnet.networks.srcnn.config import Config


class SRCNN(Network):
    """Patch extraction, nonlinear mapping, reconstruction, on the bicubic enlargement.

    Zero padding keeps the size, where the paper loses the border; initial weights are PyTorch's.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        (first, second, third), (wide, narrow) = config.kernels, config.channels
        self.extract = conv(3, wide, first)
        self.map = conv(wide, narrow, second)
        self.reconstruct = conv(narrow, 3, third)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        features = torch.relu(self.extract(enlarge(lr, self.scale)))
        return {"sr": self.reconstruct(torch.relu(self.map(features)))}


NETWORK = SRCNN
