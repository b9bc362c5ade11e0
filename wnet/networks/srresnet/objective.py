"""The objective of SRResNet, SRGAN and its discriminator."""

from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.data.batches import Batch
from wnet.networks.srresnet.config import Config
from wnet.networks.srresnet.discriminator import Discriminator
from wnet.networks.srresnet.settings import Loss
from wnet.training.objective import Objective, Terms
from wnet.training.vgg import VGGFeatures

RELU5_4 = 36
"""Layers of torchvision's VGG-19 `features` up to relu5_4."""


class SRGAN(Objective):
    """Squared errors of pixels (of images from -1 to 1, as published) and of features; adversarial.

    Features and discriminator begin at `adversarial_from`; until then SRResNet is trained.
    """

    def __init__(
        self, loss: Loss, features: nn.Module | None, discriminator: nn.Module | None
    ) -> None:
        weights = {name: getattr(loss, name) for name in ("pixel", "perceptual", "adversarial")}
        begins = dict.fromkeys(("perceptual", "adversarial"), loss.adversarial_from)
        super().__init__(weights, features, discriminator, loss, begins)

    def terms(self, made: Terms, batch: Batch) -> Terms:
        sr, terms = made["sr"], {"pixel": 4 * F.mse_loss(made["sr"], batch.hr)}
        if "perceptual" in self.weights:
            terms["perceptual"] = F.mse_loss(*self.compared(sr, batch.hr))
        if "adversarial" in self.weights:
            terms["adversarial"] = _cross_entropy(self.discriminator(sr), 1.0)
        return terms

    def judge(self, sr: Tensor, batch: Batch) -> Terms:
        return {
            "discriminator_hr": _cross_entropy(self.discriminator(batch.hr), 1.0),
            "discriminator_sr": _cross_entropy(self.discriminator(sr), 0.0),
        }


def _cross_entropy(logits: Tensor, label: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def load(loss: Loss, model: Config, scale: int, side: int, files: Mapping[str, Path]) -> SRGAN:
    """Make the objective, with VGG-19 and an untrained discriminator if their weights are not 0."""
    features = VGGFeatures(19, RELU5_4).load(files["vgg19"]) if loss.perceptual else None
    judge = Discriminator(loss.discriminator_width, side) if loss.adversarial else None
    return SRGAN(loss, features, judge)
