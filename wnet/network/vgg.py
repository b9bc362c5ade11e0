"""VGG-19's features, in which the perceptual loss measures distances (eq. 26)."""

from pathlib import Path

import torch
from torch import Tensor, nn

from wnet.weights import VGG19, verified

CONV5_4 = 35  # layers of torchvision's `features` up to conv5_4, before its ReLU
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet


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
        """Take the weights of a file in torchvision's form, which holds a classifier too."""
        state = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
        wanted = {
            name: state[name.replace("layers.", "features.")]
            for name in self.state_dict()
            if name.startswith("layers.")
        }
        self.load_state_dict(wanted, strict=False)
        return self


def pretrained_vgg19() -> VGG19Features:
    """The features with ImageNet's weights; raises MissingWeights where there are none."""
    return VGG19Features().load(verified(VGG19))
