"""The loss settings of W-Net."""

from typing import Literal

from wnet.settings import Weight
from wnet.training.settings import Weights


class Loss(Weights):
    """Weights of the terms of eq. 29 (0 removes a term), and the norm of pixel errors."""

    pixel_norm: Literal["l2", "l1"]
    """Norm of eq. 24 and of the pixel part of eq. 27: `l2`, the mean square, or `l1`."""
    pixel: Weight
    """Weight of the pixel loss over the whole image (eq. 24)."""
    parsing: Weight
    """Weight of the parsing loss, at LR size (eq. 25)."""
    key_regions: Weight
    """Weight of eyes, eyebrows, nose and mouth together, the paper's lambda (eq. 28)."""
    perceptual: Weight
    """Weight, inside the key regions, of the feature distance relative to the pixel distance (eq.
    27)."""

    def problem(self) -> str:
        """As in Weights: a loss without a pixel term."""
        if self.pixel or self.key_regions:
            return ""
        return "pixel = 0 and loss.key_regions = 0: no term of the loss would compare pixels"

    def files(self) -> dict[str, str]:
        """As in Weights: VGG-19."""
        return {"vgg19": "perceptual"} if self.perceptual else {}
