"""What WIPA learns by."""

from wnet.settings import Share, Weight
from wnet.training.settings import Adversarial


class Loss(Adversarial):
    """WIPA's weights; its identity term is left out, whose network nobody can fetch."""

    pixel: Weight
    """Weight of the mean squared error: 1 as published."""
    wavelets: Weight
    """Weight of the absolute errors of the wavelets: 1 as published."""
    perceptual: Weight
    """Weight of the squared distance of VGG-19's features after relu3_1: 0.001 as published."""
    others_from: Share
    """From which share of the training on wavelets and features count: 0.005 as published."""
    discriminator_from: Share
    """From which share on the discriminator learns: 0.01, before it counts, as published."""

    def files(self) -> dict[str, str]:
        """As of every loss: VGG-19."""
        return {"vgg19": "perceptual"} if self.perceptual else {}
