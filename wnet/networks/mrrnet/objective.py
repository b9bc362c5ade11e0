"""What MRRNet and its discriminator are trained to lower: terms by name, without their weights.

Published weights: 1 pixel, 0.01 perceptual, 0.01 adversarial. Images are RGB 0 to 1.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.weights.imagenet import DEVIATION, MEAN

Terms = dict[str, Tensor]

VGG19_MAPS = {4: 1 / 32, 9: 1 / 16, 18: 1 / 8, 27: 1 / 4, 35: 1.0}
"""Layers of torchvision's VGG-19 `features` up to each map, and the weight of its distance.

conv1_2, conv2_2, conv3_4 and conv4_4 after their ReLU, conv5_4 before its own: the published code
takes all five before, but its ReLU change the first four in place.
"""
VGG_SIDE = 224


def image_terms(made: Terms, hr: Tensor) -> Terms:
    """`pixel`: the mean absolute error, in images of -1 to 1 as published."""
    return {"pixel": 2 * F.l1_loss(made["sr"], hr)}


def vgg_maps(features: nn.Sequential, images: Tensor) -> list[Tensor]:
    """The maps of VGG19_MAPS; `features` are torchvision's, 35 layers or more."""
    mean, deviation = (images.new_tensor(colour).view(1, 3, 1, 1) for colour in (MEAN, DEVIATION))
    x = F.interpolate((images - mean) / deviation, (VGG_SIDE, VGG_SIDE), mode="bilinear")
    maps, begin = [], 0
    for end in VGG19_MAPS:
        x = features[begin:end](x)
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
    """By how much the first scores fail to be 1 over the others' mean, and the others 1 under."""
    above, below = higher - lower.mean(), lower - higher.mean()
    return (F.relu(1 - above).mean() + F.relu(1 + below).mean()) / 2
