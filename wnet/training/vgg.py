"""VGG-19's features, in which the perceptual loss measures distances (eq. 26)."""

from pathlib import Path

import torch
from torch import Tensor, nn

from wnet.weights.checkpoints import fill, part, read_state
from wnet.weights.imagenet import DEVIATION, MEAN

CONV5_4 = 35  # layers of torchvision's `features` up to conv5_4, before its ReLU


class VGG19Features(nn.Module):
    """Images (B, 3, H, W), RGB 0 to 1, to conv5_4 before its ReLU, (B, 512, H/16, W/16).

    Which layer the paper takes is our decision: that of SRGAN and DIC.
    """

    def __init__(self) -> None:
        from torchvision.models import vgg19

        super().__init__()
        self.layers = vgg19(weights=None).features[:CONV5_4]
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        return self.layers((images - self.mean) / self.deviation)

    def load(self, path: Path) -> "VGG19Features":
        """Take the weights of a file in torchvision's form, which holds a classifier too.

        Raises ValueError naming the file where it does not fit.
        """
        fill(self.layers, part(read_state(path), "features."), path)
        return self
