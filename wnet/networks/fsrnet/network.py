"""FSRNet (Chen et al., arXiv 1711.10703). Maps are (B, C, H, W); images inside are -1 to 1."""

import torch
from torch import Tensor, nn

from wnet.networks.blocks import conv, enlarge, reflecting
from wnet.networks.fsrnet.config import MAPS, Config
from wnet.networks.fsrnet.prior import Unit
from wnet.networks.hourglass import Hourglass
from wnet.networks.network import Network


def _normal(layer: nn.Module, channels: int) -> list[nn.Module]:
    return [layer, nn.BatchNorm2d(channels), nn.ReLU()]


class Block(nn.Module):
    """x + BN(conv(ReLU(BN(conv(x)))))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_normal(reflecting(width, width, 3, bias=False), width),
            reflecting(width, width, 3, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def _blocks(count: int, width: int) -> list[nn.Module]:
    return [Block(width) for _ in range(count)]


def _ending(width: int, channels: int) -> list[nn.Module]:
    return [reflecting(width, channels, 3, bias=False), nn.Tanh()]


def _coarse(config: Config) -> nn.Sequential:
    """Images to images of the same size."""
    width = config.width
    return nn.Sequential(
        *_normal(reflecting(3, width, 3, bias=False), width),
        *_blocks(config.coarse_blocks, width),
        *_ending(width, 3),
    )


def _encoder(config: Config) -> nn.Sequential:
    """Images to `width` maps of half their size."""
    width = config.width
    return nn.Sequential(
        *_normal(nn.Conv2d(3, width, 3, stride=2, padding=1, bias=False), width),
        *_blocks(config.encoder_blocks, width),
        *_ending(width, width),
    )


def _prior(config: Config) -> nn.Sequential:
    """Images to `prior_width` maps of half their size."""
    width, wide = config.width, config.prior_width
    return nn.Sequential(
        *_normal(nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False), width),
        Unit(width, wide),
        *_blocks(config.prior_blocks, wide),
        *(
            Hourglass(config.hourglass_depth, wide, Unit, "nearest")
            for _ in range(config.hourglasses)
        ),
    )


def _decoder(config: Config) -> nn.Sequential:
    """The encoder's and the prior network's maps to images of twice their size."""
    width, kernel = config.width, config.deconvolution
    doubling = nn.ConvTranspose2d(
        width, width, kernel, stride=2, padding=1, output_padding=4 - kernel, bias=False
    )
    gathered = width + config.prior_width
    return nn.Sequential(
        *_normal(nn.Conv2d(gathered, width, 3, padding=1, bias=False), width),
        *_normal(doubling, width),
        *_blocks(config.decoder_blocks, width),
        *_ending(width, 3),
    )


class FSRNet(Network):
    """The enlarged face, refined by a coarse network, then by a decoder with estimated priors.

    In train mode it also returns `coarse` (B, 3, R, R), RGB 0 to 1, and `priors` (B, P, R/2, R/2),
    as in `objective.prior_maps`. Initial weights are PyTorch's. No two blocks share weights.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        self.coarse, self.encoder = _coarse(config), _encoder(config)
        self.prior, self.decoder = _prior(config), _decoder(config)
        self.heads = conv(config.prior_width, MAPS[config.priors], 1)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        coarse, features, sr = self.published(2 * enlarge(lr, self.scale) - 1)
        made = {"sr": (sr + 1) / 2}
        if self.training:
            made |= {"coarse": (coarse + 1) / 2, "priors": self.heads(features)}
        return made

    def published(self, enlarged: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Faces of HR size to coarse faces, the maps that the priors come from, and SR faces.

        The decoder uses those maps, not the priors, so `heads` is needed only in training.
        """
        coarse = self.coarse(enlarged)
        features = self.prior(coarse)
        return coarse, features, self.decoder(torch.cat((self.encoder(coarse), features), 1))


NETWORK = FSRNet
