"""The loss settings of DIC and of DICGAN, which is DIC with a discriminator."""

from wnet.settings import Share, Weight
from wnet.training.settings import Adversarial


class Loss(Adversarial):
    """Weights of DIC's terms; DICGAN's perceptual term is left out, since its network cannot be
    downloaded."""

    pixel: Weight
    """Weight of the absolute errors of all steps: 1 as published."""
    heatmaps: Weight
    """Weight of the squared errors of the landmarks' heatmaps of all steps: 0.1 as published."""
    alignment_alone: Share
    """Fraction at the start of the training in which only the hourglass is trained, on HR faces."""
    alignment_frozen: Share
    """Fraction after that in which the hourglass is frozen and the rest is trained."""
