"""VGG's features, in which perceptual losses measure distances (eq. 26)."""

from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from wnet.weights.checkpoints import fill, part, read_state
from wnet.weights.imagenet import DEVIATION, MEAN

CONV5_4 = 35
"""Layers of torchvision's VGG-19 `features` up to conv5_4, before its ReLU.

The paper does not name its layer; this one, of SRGAN and DIC, is our choice.
"""


class VGGFeatures(nn.Module):
    """Images (B, 3, H, W), RGB 0 to 1, to the output of the last of the first `layers` layers.

    At conv5_4 that is (B, 512, H/16, W/16).
    """

    def __init__(self, depth: Literal[16, 19], layers: int) -> None:
        """layers: how many of torchvision's `features` are used."""
        from torchvision import models

        super().__init__()
        make = models.vgg16 if depth == 16 else models.vgg19
        self.layers = make(weights=None).features[:layers]
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(self.normalized(images))

    def normalized(self, images: Tensor) -> Tensor:
        """The images normalised for the first layer."""
        return (images - self.mean) / self.deviation

    def load(self, path: Path) -> "VGGFeatures":
        """Load weights from a file of torchvision, which also holds a classifier.

        Raises ValueError naming the file if it does not fit.
        """
        fill(self.layers, part(read_state(path), "features."), path)
        return self
