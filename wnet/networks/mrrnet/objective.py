"""The objective of MRRNet and its discriminator: terms by name, without their weights.

Images are RGB 0 to 1.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.data.batches import Batch
from wnet.networks.mrrnet.config import Config
from wnet.networks.mrrnet.discriminator import Discriminator
from wnet.networks.mrrnet.settings import Loss
from wnet.training.objective import Objective, Terms
from wnet.training.vgg import VGGFeatures

VGG19_MAPS = {4: 1 / 32, 9: 1 / 16, 18: 1 / 8, 27: 1 / 4, 35: 1.0}
"""Layers of torchvision's VGG-19 `features` up to each map, and the weight of its distance.

conv1_2, conv2_2, conv3_4 and conv4_4 after their ReLU, conv5_4 before its own: the published code
takes all five before, but its ReLU change the first four in place.
"""
VGG_SIDE = 224


def image_terms(made: Terms, hr: Tensor) -> Terms:
    """`pixel`: the mean absolute error of images scaled to -1 to 1, as published."""
    return {"pixel": 2 * F.l1_loss(made["sr"], hr)}


class VGGMaps(nn.Module):
    """Images to the maps of VGG19_MAPS; `vgg` has at least 35 layers of torchvision's VGG-19."""

    def __init__(self, vgg: VGGFeatures) -> None:
        super().__init__()
        self.vgg = vgg

    def forward(self, images: Tensor) -> list[Tensor]:
        x = F.interpolate(self.vgg.normalized(images), (VGG_SIDE, VGG_SIDE), mode="bilinear")
        maps, begin = [], 0
        for end in VGG19_MAPS:
            x = self.vgg.layers[begin:end](x)
            maps.append(x)
            begin = end
        return maps


def feature_terms(made: Sequence[Tensor], wanted: Sequence[Tensor]) -> Terms:
    """`perceptual`: the weighted mean absolute differences of the maps of SR and HR faces."""
    pairs = zip(VGG19_MAPS.values(), made, wanted, strict=True)
    return {"perceptual": torch.stack([w * F.l1_loss(a, b) for w, a, b in pairs]).sum()}


def generator_terms(judged_hr: Tensor, judged_sr: Tensor) -> Terms:
    """`adversarial`: SR faces should look more real than HR faces on average, and the reverse."""
    return {"adversarial": _relativistic_hinge(judged_sr, judged_hr)}


def discriminator_terms(judged_hr: Tensor, judged_sr: Tensor) -> Terms:
    """`discriminator`: HR faces should look more real than SR faces on average, and the reverse."""
    return {"discriminator": _relativistic_hinge(judged_hr, judged_sr)}


def _relativistic_hinge(higher: Tensor, lower: Tensor) -> Tensor:
    """The hinge loss of `higher` being 1 above the mean of `lower`, and `lower` 1 below."""
    above, below = higher - lower.mean(), lower - higher.mean()
    return (F.relu(1 - above).mean() + F.relu(1 + below).mean()) / 2


class Relativistic(Objective):
    """Pixel loss, distances of VGG-19's maps, and a relativistic discriminator."""

    def __init__(
        self, loss: Loss, features: nn.Module | None, discriminator: nn.Module | None
    ) -> None:
        names = ("pixel", "perceptual", "adversarial")
        weights = {name: getattr(loss, name) for name in names}
        begins = {"adversarial": loss.adversarial_from}
        super().__init__(weights, features, discriminator, loss, begins)

    def terms(self, made: Terms, batch: Batch) -> Terms:
        sr, terms = made["sr"], image_terms(made, batch.hr)
        if "perceptual" in self.weights:
            terms |= feature_terms(*self.compared(sr, batch.hr))
        if "adversarial" in self.weights:
            terms |= generator_terms(self.discriminator(batch.hr), self.discriminator(sr))
        return terms

    def judge(self, sr: Tensor, batch: Batch) -> Terms:
        return discriminator_terms(self.discriminator(batch.hr), self.discriminator(sr))


def load(
    loss: Loss, model: Config, scale: int, side: int, files: Mapping[str, Path]
) -> Relativistic:
    """Make the objective, with VGG-19 and an untrained discriminator if their weights are not 0."""
    features = None
    if loss.perceptual:
        features = VGGMaps(VGGFeatures(19, max(VGG19_MAPS)).load(files["vgg19"]))
    judge = Discriminator(model, side) if loss.adversarial else None
    return Relativistic(loss, features, judge)
