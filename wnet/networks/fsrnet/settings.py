"""The loss settings of FSRNet and of FSRGAN, which is FSRNet with a discriminator."""

from wnet.settings import Weight
from wnet.training.settings import Adversarial


class Loss(Adversarial):
    """Weights of FSRNet's terms, for images from -1 to 1; FSRGAN also uses the last two."""

    coarse: Weight
    """Weight of the coarse face's mean squared error: 1 as published."""
    pixel: Weight
    """Weight of the final face's mean squared error: 1 as published."""
    priors: Weight
    """Weight of the mean squared error of the priors: 1 as published."""
    perceptual: Weight
    """Weight of the squared distance of VGG-16's features after relu5_3: 0.1 in FSRGAN."""

    def files(self) -> dict[str, str]:
        """As in Weights: VGG-16."""
        return {"vgg16": "perceptual"} if self.perceptual else {}
