"""What DIC, DICGAN and its discriminator are trained to lower: terms by name, unweighted.

Published weights: 1 pixel, 0.1 heatmaps; DICGAN's 0.1 perceptual (L1 of LightCNN-9's features),
0.005 adversarial, 1 each of the discriminator's. Images are RGB 0 to 1.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from wnet.landmarks.heatmaps import heatmaps
from wnet.networks.dic.config import WORKING_SHARE

Terms = dict[str, Tensor]

SIGMA = 1.0  # of the landmarks' heatmaps, in their pixels


def target_heatmaps(points: Tensor, side: int) -> Tensor:
    """What the hourglass should draw, (B, 68, R/4, R/4), of points in faces of R (side) pixels."""
    return heatmaps(points, side, side // WORKING_SHARE, SIGMA)


def image_terms(made: Terms, hr: Tensor, wanted: Tensor) -> Terms:
    """`pixel` and `heatmaps`: mean absolute and mean square errors, each summed over all steps.

    The published code, where it trains DICGAN, counts the last step's image for every step instead.
    wanted: as `target_heatmaps` has them.
    """
    pixels = (made["images"] - hr[:, None]).abs()
    maps = (made["heatmaps"] - wanted[:, None]).square()
    return {"pixel": _summed_over_steps(pixels), "heatmaps": _summed_over_steps(maps)}


def _summed_over_steps(errors: Tensor) -> Tensor:
    """Of (B, S, ...) the S means, summed."""
    return errors.mean((0, *range(2, errors.ndim))).sum()


def alignment_terms(found: Tensor, wanted: Tensor) -> Terms:
    """`heatmaps`: the mean square error of one step, by which the hourglass is trained alone."""
    return {"heatmaps": F.mse_loss(found, wanted)}


def feature_terms(made: Tensor, wanted: Tensor) -> Terms:
    """`perceptual`: the mean absolute difference of the features of the last SR and HR faces."""
    return {"perceptual": F.l1_loss(made, wanted)}


def generator_terms(judged_sr: Tensor) -> Terms:
    """`adversarial`: SR faces should be taken for photographs; logits (B, 1)."""
    return {"adversarial": _cross_entropy(judged_sr, 1.0)}


def discriminator_terms(judged_hr: Tensor, judged_sr: Tensor) -> Terms:
    """`discriminator_hr` and `discriminator_sr`: cross-entropies of the logits."""
    return {
        "discriminator_hr": _cross_entropy(judged_hr, 1.0),
        "discriminator_sr": _cross_entropy(judged_sr, 0.0),
    }


def _cross_entropy(logits: Tensor, label: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))
