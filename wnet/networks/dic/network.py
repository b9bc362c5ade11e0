"""DIC (Ma et al., arXiv 2003.13063): a face and its landmarks, which improve each other."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.networks.blocks import conv
from wnet.networks.dic.alignment import Alignment
from wnet.networks.dic.config import Config
from wnet.networks.dic.feedback import Feedback, FirstFeedback, learned_relu, squeeze
from wnet.networks.network import Network

MEAN = (0.509, 0.424, 0.378)
"""The mean RGB colour of DIC's training faces, which is subtracted from all images inside."""


def _mean(images: Tensor) -> Tensor:
    # Created on the device of the images: a list would be copied to the GPU in every step.
    return torch.stack([images.new_full((1, 1), value) for value in MEAN])


def less_mean(images: Tensor) -> Tensor:
    """Images (B, 3, H, W), RGB 0 to 1, minus the mean."""
    return images - _mean(images)


def _stem(width: int, scale: int) -> nn.Sequential:
    """LR faces to `width` maps of a quarter of the HR side; published at scale 8 only.

    At scale 4 that is the LR side, and the stem is that of SRFBN.
    """
    fit = nn.PixelShuffle(2) if scale == 8 else squeeze(4 * width, width)
    return nn.Sequential(conv(3, 4 * width, 3), learned_relu(), fit)


class DIC(Network):
    """The bilinear enlargement plus a residual from each of several steps; the last is the SR face.

    In train mode it also returns `images` (B, S, 3, R, R), RGB 0 to 1, and `heatmaps`
    (B, S, 68, R/4, R/4) of all S steps. Convolutions have Kaiming's normal initial weights, except
    `alignment`, which has PyTorch's: it is trained before the rest.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        width = config.width
        self.stem = _stem(width, scale)
        self.first, self.later = FirstFeedback(config), Feedback(config)
        self.tail = nn.Sequential(
            nn.ConvTranspose2d(width, width, 8, 4, 2), learned_relu(), conv(width, 3, 3)
        )
        self.apply(_start)
        self.alignment = Alignment(config.hourglass_width, config.hourglass_depth)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        images, heatmaps = self.published(less_mean(lr))
        images = images + _mean(images)
        made = {"sr": images[:, -1]}
        if self.training:
            made |= {"images": images, "heatmaps": heatmaps}
        return made

    def published(self, lr: Tensor) -> tuple[Tensor, Tensor]:
        """LR faces minus the mean to images, also minus the mean, and heatmaps of all steps."""
        base = F.interpolate(lr, scale_factor=self.scale, mode="bilinear")
        x = self.stem(lr)
        features, memory, images, heatmaps = self.first(x), None, [], []
        for step in range(self.config.steps):
            if step:
                features = self.later(x, features, heatmaps[-1])
            images.append(base + self.tail(features))
            found, memory = self.alignment(images[-1], memory)
            heatmaps.append(found)
        return torch.stack(images, 1), torch.stack(heatmaps, 1)


def _start(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.kaiming_normal_(layer.weight)
        nn.init.zeros_(layer.bias)


NETWORK = DIC
