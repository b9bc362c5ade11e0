"""The loss settings of MRRNet."""

from wnet.settings import Weight
from wnet.training.settings import Adversarial


class Loss(Adversarial):
    """Weights of MRRNet's terms, for images from -1 to 1."""

    pixel: Weight
    """Weight of the mean absolute error: 1 as published."""
    perceptual: Weight
    """Weight of the absolute distances of five maps of VGG-19: 0.01 as published."""

    def files(self) -> dict[str, str]:
        """As in Weights: VGG-19."""
        return {"vgg19": "perceptual"} if self.perceptual else {}
