"""The loss settings of SRResNet and of SRGAN, which is SRResNet with a discriminator."""

from wnet.settings import Channels, Weight
from wnet.training.settings import Adversarial


class Loss(Adversarial):
    """Weights of SRGAN's terms, for images from -1 to 1; SRResNet uses only `pixel`."""

    pixel: Weight
    """Weight of the mean squared error: 1 in SRResNet; the paper's best SRGAN has none."""
    perceptual: Weight
    """Weight of the squared distance of VGG-19's features after relu5_4: 0.006 in SRGAN."""
    discriminator_width: Channels
    """Channels of the discriminator's first convolution: 64 in the paper."""

    def files(self) -> dict[str, str]:
        """As in Weights: VGG-19."""
        return {"vgg19": "perceptual"} if self.perceptual else {}
