"""The objective of DIC, DICGAN and its discriminator: terms by name, without their weights.

Images are RGB 0 to 1.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.data.batches import Batch
from wnet.landmarks.heatmaps import heatmaps
from wnet.networks.dic.config import WORKING_SHARE, Config
from wnet.networks.dic.discriminator import Discriminator
from wnet.networks.dic.network import less_mean
from wnet.networks.dic.settings import Loss
from wnet.training.objective import Objective, Terms

SIGMA = 1.0  # of the landmarks' heatmaps, in pixels of the heatmap


def target_heatmaps(points: Tensor, side: int) -> Tensor:
    """The target heatmaps (B, 68, R/4, R/4) for points in faces of R (`side`) pixels."""
    return heatmaps(points, side, side // WORKING_SHARE, SIGMA)


def image_terms(made: Terms, hr: Tensor, wanted: Tensor) -> Terms:
    """`pixel` and `heatmaps`: mean absolute and mean square errors, each summed over all steps.

    The published code of DICGAN uses the last step's image for every step instead. wanted: from
    `target_heatmaps`.
    """
    pixels = (made["images"] - hr[:, None]).abs()
    maps = (made["heatmaps"] - wanted[:, None]).square()
    return {"pixel": _summed_over_steps(pixels), "heatmaps": _summed_over_steps(maps)}


def _summed_over_steps(errors: Tensor) -> Tensor:
    """The sum of the S means of errors (B, S, ...)."""
    return errors.mean((0, *range(2, errors.ndim))).sum()


def alignment_terms(found: Tensor, wanted: Tensor) -> Terms:
    """`heatmaps`: the mean squared error of one step, for training the hourglass alone."""
    return {"heatmaps": F.mse_loss(found, wanted)}


def generator_terms(judged_sr: Tensor) -> Terms:
    """`adversarial`: SR faces should be classified as photographs; logits (B, 1)."""
    return {"adversarial": _cross_entropy(judged_sr, 1.0)}


def discriminator_terms(judged_hr: Tensor, judged_sr: Tensor) -> Terms:
    """`discriminator_hr` and `discriminator_sr`: cross-entropies of the logits."""
    return {
        "discriminator_hr": _cross_entropy(judged_hr, 1.0),
        "discriminator_sr": _cross_entropy(judged_sr, 0.0),
    }


def _cross_entropy(logits: Tensor, label: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


class DICObjective(Objective):
    """Trains the hourglass first, then everything else, then both; at last with a discriminator.

    The code that trained the published hourglass is not available; here it is trained on HR faces.
    """

    def __init__(self, loss: Loss, discriminator: nn.Module | None) -> None:
        weights = {name: getattr(loss, name) for name in ("pixel", "heatmaps", "adversarial")}
        begins = {
            "pixel": loss.alignment_alone,
            "adversarial": max(loss.adversarial_from, loss.alignment_alone),
        }
        super().__init__(weights, None, discriminator, loss, begins)
        self._rests_until = loss.alignment_alone + loss.alignment_frozen
        self._rests = False
        if loss.adversarial:
            self.left_out = (
                "DICGAN's features (0.1 of LightCNN-9), whose weights are on their authors' drive"
                " alone",
            )

    def enter(self, done: float) -> str:
        stage = super().enter(done)
        self._rests = "pixel" in self.weights and done < self._rests_until
        return f"{stage}, hourglass frozen" if self._rests else stage

    def frozen(self, network: nn.Module) -> Iterable[nn.Parameter]:
        if "pixel" in self.weights:
            return network.alignment.parameters() if self._rests else ()
        learning = {id(weights) for weights in network.alignment.parameters()}
        return [weights for weights in network.parameters() if id(weights) not in learning]

    def made(self, network: nn.Module, batch: Batch) -> Terms:
        if "pixel" in self.weights:
            return network(batch.lr)
        return {"found": network.alignment(less_mean(batch.hr), None)[0]}

    def terms(self, made: Terms, batch: Batch) -> Terms:
        wanted = target_heatmaps(batch.points.nan_to_num(), batch.hr.shape[-1])
        known = batch.points.isfinite().flatten(1).all(1).view(-1, 1, 1, 1)  # others: no target
        if "found" in made:
            return alignment_terms(torch.where(known, made["found"], wanted), wanted)
        maps = torch.where(known[:, None], made["heatmaps"], wanted[:, None])
        terms = image_terms(made | {"heatmaps": maps}, batch.hr, wanted)
        if "adversarial" in self.weights:
            terms |= generator_terms(self.discriminator(made["sr"]))
        return terms

    def judge(self, sr: Tensor, batch: Batch) -> Terms:
        return discriminator_terms(self.discriminator(batch.hr), self.discriminator(sr))


def load(
    loss: Loss, model: Config, scale: int, side: int, files: Mapping[str, Path]
) -> DICObjective:
    """Make the objective; it has an untrained discriminator if the adversarial weight is not 0."""
    return DICObjective(loss, Discriminator(model, side) if loss.adversarial else None)
