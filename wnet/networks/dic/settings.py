"""What DIC learns by, and DICGAN, which is DIC with a discriminator beside it."""

from wnet.settings import Share, Weight
from wnet.training.settings import Adversarial


class Loss(Adversarial):
    """DIC's weights; DICGAN's features are left out, whose network nobody can fetch."""

    pixel: Weight
    """Weight of the absolute errors of all steps: 1 as published."""
    heatmaps: Weight
    """Weight of the squared errors of the landmarks' heatmaps of all steps: 0.1 as published."""
    alignment_alone: Share
    """Share of the training, its first, in which the hourglass alone learns, from HR faces."""
    alignment_frozen: Share
    """Share after that in which it rests while all else learns."""
