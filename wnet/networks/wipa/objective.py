"""The objective of WIPA and its discriminator: terms by name, without their weights.

Images are RGB 0 to 1.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.data.batches import Batch
from wnet.networks.wipa.config import Config
from wnet.networks.wipa.discriminator import Discriminator
from wnet.networks.wipa.settings import Loss
from wnet.training.objective import Objective, Terms
from wnet.training.vgg import VGGFeatures

VGG19_LAYERS = 12
"""Of torchvision's VGG-19 `features`: up to relu3_1, where `perceptual` compares."""


def haar_packet(hr: Tensor, levels: int) -> Terms:
    """`wavelets_2` (B, 9, R/2, R/2), `wavelets_4` (B, 9, R/4, R/4), ... of faces (B, 3, R, R).

    For each colour in turn: the row, column and diagonal details of the orthonormal Haar transform,
    divided by 2 at each level, the factor by which its sums grow.
    """
    packet, smooth = {}, hr
    for level in range(1, levels + 1):
        a, b, c, d = (smooth[..., row::2, column::2] for row in (0, 1) for column in (0, 1))
        bands = torch.stack((a + b - c - d, a - b + c - d, a - b - c + d), 2) / 2
        packet[f"wavelets_{2**level}"] = bands.flatten(1, 2) / 2**level
        smooth = (a + b + c + d) / 2
    return packet


def image_terms(made: Terms, hr: Tensor) -> Terms:
    """`pixel`: the mean square error; `wavelets`: the mean of the levels' mean absolute errors.

    Each level weighs a quarter of the one before, as it has a quarter of its values.
    """
    packet = haar_packet(hr, sum(name.startswith("wavelets_") for name in made))
    errors = [F.l1_loss(made[name], maps) / 4**i for i, (name, maps) in enumerate(packet.items())]
    return {"pixel": F.mse_loss(made["sr"], hr), "wavelets": torch.stack(errors).mean()}


def feature_terms(made: Tensor, wanted: Tensor) -> Terms:
    """`perceptual`: the mean square difference of the features of SR and HR faces."""
    return {"perceptual": F.mse_loss(made, wanted)}


def generator_terms(judged_sr: Tensor) -> Terms:
    """`adversarial`: SR faces should be classified as photographs; probabilities (B, 1)."""
    return {"adversarial": F.binary_cross_entropy(judged_sr, torch.ones_like(judged_sr))}


def discriminator_terms(
    judged_hr: Tensor, judged_sr: Tensor, drawn: tuple[Tensor, Tensor], done: Tensor | float
) -> Terms:
    """`discriminator_hr` and `discriminator_sr`: cross-entropies with soft, random labels.

    drawn: uniform numbers from 0 to 1, for HR and SR faces, in the shape of the probabilities.
    done: the finished share of the training. Labels of HR faces are between 0.8 and 1 at its
    beginning and between 0.9 and 1 at its end; those of SR faces are between 0 and 0.2, later 0.1.
    """
    doubt = 0.2 - 0.1 * done
    real, fake = 1 - doubt * drawn[0], doubt * drawn[1]
    return {
        "discriminator_hr": F.binary_cross_entropy(judged_hr, real),
        "discriminator_sr": F.binary_cross_entropy(judged_sr, fake),
    }


class WIPAObjective(Objective):
    """A pixel loss first, then also wavelets and features, and at last adversarial."""

    left_out = (
        "WIPA's identity term (0.005 of SphereFace-20), whose weights are on its authors' drive"
        " alone",
    )
    done: Tensor

    def __init__(
        self, loss: Loss, features: nn.Module | None, discriminator: nn.Module | None
    ) -> None:
        names = ("pixel", "wavelets", "perceptual", "adversarial")
        begins = dict.fromkeys(("wavelets", "perceptual"), loss.others_from) | {
            "discriminator": loss.discriminator_from,
            "adversarial": loss.adversarial_from,
        }
        weights = {name: getattr(loss, name) for name in names}
        super().__init__(weights, features, discriminator, loss, begins)
        self.register_buffer("done", torch.zeros(()))

    def enter(self, done: float) -> str:
        self.done.fill_(done)
        return super().enter(done)

    def terms(self, made: Terms, batch: Batch) -> Terms:
        sr, terms = made["sr"], image_terms(made, batch.hr)
        if "perceptual" in self.weights:
            terms |= feature_terms(*self.compared(sr, batch.hr))
        if "adversarial" in self.weights:
            terms |= generator_terms(self.discriminator(sr))
        return terms

    def judge(self, sr: Tensor, batch: Batch) -> Terms:
        judged = self.discriminator(batch.hr), self.discriminator(sr)
        return discriminator_terms(*judged, batch.drawn.split(1, 1), self.done)


def load(
    loss: Loss, model: Config, scale: int, side: int, files: Mapping[str, Path]
) -> WIPAObjective:
    """Make the objective, with VGG-19 and an untrained discriminator if their weights are not 0."""
    features = VGGFeatures(19, VGG19_LAYERS).load(files["vgg19"]) if loss.perceptual else None
    judge = Discriminator(model, side) if loss.adversarial else None
    return WIPAObjective(loss, features, judge)
