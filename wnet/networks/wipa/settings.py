"""The loss settings of WIPA."""

from wnet.settings import Share, Weight
from wnet.training.settings import Adversarial


class Loss(Adversarial):
    """Weights of WIPA's terms; its identity term is left out, since its network cannot be
    downloaded."""

    pixel: Weight
    """Weight of the mean squared error: 1 as published."""
    wavelets: Weight
    """Weight of the absolute errors of the wavelets: 1 as published."""
    perceptual: Weight
    """Weight of the squared distance of VGG-19's features after relu3_1: 0.001 as published."""
    others_from: Share
    """Fraction of the training from which the wavelet and feature terms are used: 0.005 as
    published."""
    discriminator_from: Share
    """Fraction of the training from which the discriminator is trained, before its term is used:
    0.01 as published."""

    def files(self) -> dict[str, str]:
        """As in Weights: VGG-19."""
        return {"vgg19": "perceptual"} if self.perceptual else {}
