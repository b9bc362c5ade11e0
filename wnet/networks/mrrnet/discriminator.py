"""MRRNet's discriminator: how real each part of a face looks."""

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from wnet.networks.blocks import reflecting
from wnet.networks.mrrnet.config import Config


class Discriminator(nn.Module):
    """Faces (B, 3, R, R), RGB 0 to 1, to scores (B, 1, R/16, R/16) between -1 and 1.

    Scores are only meaningful relative to those of other faces: the objective is relativistic. In
    train mode each call improves the estimate of the spectral norms, which is part of the state.
    """

    def __init__(self, config: Config, side: int) -> None:
        """side: R, in pixels; the layers are the same for any."""
        super().__init__()
        width = config.discriminator_width
        layers, before = [], 3
        for channels in (width, 2 * width, 4 * width, 8 * width):
            layers += [spectral_norm(reflecting(before, channels, 3, 2)), nn.LeakyReLU(0.2)]
            before = channels
        self.layers = nn.Sequential(*layers, reflecting(before, 1, 3, bias=False), nn.Tanh())

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(2 * images - 1)


DISCRIMINATOR = Discriminator
