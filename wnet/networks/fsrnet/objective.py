"""The objective of FSRNet, FSRGAN and its discriminator: terms by name, without weights.

Images are RGB 0 to 1 here; the published errors are for -1 to 1.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.data.batches import Batch
from wnet.landmarks.heatmaps import heatmaps
from wnet.networks.fsrnet.config import MAPS, PRIOR_CLASSES, Config
from wnet.networks.fsrnet.discriminator import Discriminator
from wnet.networks.fsrnet.settings import Loss
from wnet.training.objective import Objective, Terms
from wnet.training.vgg import VGGFeatures

SIGMA = 3.0  # of landmark heatmaps, in pixels of the heatmap
VGG16_LAYERS = 30
"""Of torchvision's VGG-16 `features`: up to relu5_3, where `perceptual` compares."""


def prior_maps(
    priors: Literal["parsing", "landmarks", "both"], classes: Tensor, points: Tensor
) -> Tensor:
    """The target maps (B, P, R/2, R/2) of the prior network; `priors`: parsing, landmarks or both.

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
    """`priors`: the mean squared error of all maps together; wanted: from `prior_maps`."""
    return {"priors": F.mse_loss(made["priors"], wanted)}


def feature_terms(made: Tensor, wanted: Tensor) -> Terms:
    """`perceptual`: the mean square difference of the features of SR and HR faces."""
    return {"perceptual": F.mse_loss(made, wanted)}


def generator_terms(judged_sr: Tensor) -> Terms:
    """`adversarial`: each part of SR faces should be classified as an HR face's; probabilities."""
    return {"adversarial": F.binary_cross_entropy(judged_sr, torch.ones_like(judged_sr))}


def discriminator_terms(judged_hr: Tensor, judged_sr: Tensor) -> Terms:
    """`discriminator_hr` and `discriminator_sr`: cross-entropies of the probabilities."""
    return {
        "discriminator_hr": F.binary_cross_entropy(judged_hr, torch.ones_like(judged_hr)),
        "discriminator_sr": F.binary_cross_entropy(judged_sr, torch.zeros_like(judged_sr)),
    }


class FSRGAN(Objective):
    """The losses of coarse and final faces and of the priors; later also features and adversarial.

    The latter two begin at `adversarial_from`; until then FSRNet is trained.
    """

    def __init__(
        self,
        loss: Loss,
        priors: Literal["parsing", "landmarks", "both"],
        features: nn.Module | None,
        discriminator: nn.Module | None,
    ) -> None:
        names = ("coarse", "pixel", "priors", "perceptual", "adversarial")
        weights = {name: getattr(loss, name) for name in names}
        begins = dict.fromkeys(("perceptual", "adversarial"), loss.adversarial_from)
        super().__init__(weights, features, discriminator, loss, begins)
        self.priors = priors

    def terms(self, made: Terms, batch: Batch) -> Terms:
        sr, terms = made["sr"], image_terms(made, batch.hr)
        wanted = prior_maps(self.priors, batch.classes, batch.points.nan_to_num())
        priors = torch.where(self._known(batch.points), made["priors"], wanted)
        terms |= prior_terms({"priors": priors}, wanted)
        if "perceptual" in self.weights:
            terms |= feature_terms(*self.compared(sr, batch.hr))
        if "adversarial" in self.weights:
            terms |= generator_terms(self.discriminator(sr))
        return terms

    def _known(self, points: Tensor) -> Tensor:
        """Which priors have targets, (B, P, 1, 1): faces without points have no landmark maps."""
        maps = MAPS[self.priors]
        found = points.isfinite().flatten(1).all(1)[:, None].expand(-1, maps)
        classes = 0 if self.priors == "landmarks" else len(PRIOR_CLASSES)
        return (found | (torch.arange(maps, device=points.device) < classes))[..., None, None]

    def judge(self, sr: Tensor, batch: Batch) -> Terms:
        return discriminator_terms(self.discriminator(batch.hr), self.discriminator(sr))


def load(loss: Loss, model: Config, scale: int, side: int, files: Mapping[str, Path]) -> FSRGAN:
    """Make the objective, with VGG-16 and an untrained discriminator if their weights are not 0."""
    features = VGGFeatures(16, VGG16_LAYERS).load(files["vgg16"]) if loss.perceptual else None
    judge = Discriminator(model, side) if loss.adversarial else None
    return FSRGAN(loss, model.priors, features, judge)
