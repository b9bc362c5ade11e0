"""What FSRNet, FSRGAN and its discriminator are trained to lower: terms by name, unweighted.

Published weights: 1 coarse, 1 pixel, 1 priors; FSRGAN's 0.1 perceptual, 0.001 adversarial, 0.001
each of the discriminator's. Images are RGB 0 to 1 here, and -1 to 1 in the published errors.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from wnet.landmarks.heatmaps import heatmaps
from wnet.networks.fsrnet.config import PRIOR_CLASSES

Terms = dict[str, Tensor]

SIGMA = 3.0  # of landmark heatmaps, in their pixels
VGG16_LAYERS = 30
"""Of torchvision's VGG-16 `features`: up to relu5_3, where `perceptual` compares."""


def prior_maps(
    priors: Literal["parsing", "landmarks", "both"], classes: Tensor, points: Tensor
) -> Tensor:
    """What the prior network should draw, (B, P, R/2, R/2), in the order that `priors` has.

    classes: (B, R, R), BiSeNet ids; their maps are -1 to 1. points: (B, 68, 2), x, y in pixels of
    the HR face; their maps are Gaussians of peak 1.
    """
    side = classes.shape[-1]
    chosen = []
    if priors != "landmarks":
        chosen.append(_parsing_maps(classes, side // 2))
    if priors != "parsing":
        chosen.append(heatmaps(points, side, side // 2, SIGMA))
    return torch.cat(chosen, 1)


def _parsing_maps(classes: Tensor, side: int) -> Tensor:
    masks = torch.stack([classes == identity for identity in PRIOR_CLASSES], 1).float()
    small = F.interpolate(masks, (side, side), mode="bicubic", antialias=True)
    return 2 * small.clamp(0, 1) - 1


def image_terms(made: Terms, hr: Tensor) -> Terms:
    """`coarse` and `pixel`: the mean square errors of the coarse and of the final faces."""
    return {"coarse": 4 * F.mse_loss(made["coarse"], hr), "pixel": 4 * F.mse_loss(made["sr"], hr)}


def prior_terms(made: Terms, wanted: Tensor) -> Terms:
    """`priors`: the mean square error of all maps together; wanted as `prior_maps` has them."""
    return {"priors": F.mse_loss(made["priors"], wanted)}


def feature_terms(made: Tensor, wanted: Tensor) -> Terms:
    """`perceptual`: the mean square difference of the features of SR and HR faces."""
    return {"perceptual": F.mse_loss(made, wanted)}


def generator_terms(judged_sr: Tensor) -> Terms:
    """`adversarial`: each part of SR faces should be taken for a photograph's; probabilities."""
    return {"adversarial": F.binary_cross_entropy(judged_sr, torch.ones_like(judged_sr))}


def discriminator_terms(judged_hr: Tensor, judged_sr: Tensor) -> Terms:
    """`discriminator_hr` and `discriminator_sr`: cross-entropies of the probabilities."""
    return {
        "discriminator_hr": F.binary_cross_entropy(judged_hr, torch.ones_like(judged_hr)),
        "discriminator_sr": F.binary_cross_entropy(judged_sr, torch.zeros_like(judged_sr)),
    }
