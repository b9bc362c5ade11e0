"""The objective of W-Net: eq. 24 to 29.

B batch, R key regions, H and W pixels of the HR image, r LR pixels.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.data.batches import Batch
from wnet.networks.wnet.config import Config
from wnet.networks.wnet.settings import Loss
from wnet.parsing.regions import KEY_REGIONS
from wnet.training.objective import Objective, Terms
from wnet.training.vgg import CONV5_4, VGGFeatures


def region_masks(classes: Tensor) -> Tensor:
    """Class map (B, H, W) of BiSeNet ids to (B, R, H, W) bool, in the order of KEY_REGIONS."""
    return torch.stack(
        [
            torch.stack([classes == class_id for class_id in ids]).any(0)
            for ids in KEY_REGIONS.values()
        ],
        1,
    )


class WNetObjective(Objective):
    """Every term of eq. 24 to 29.

    `features` maps images (B, 3, H, W), RGB 0 to 1, to features whose first axis is B (VGG-19 in
    the paper). With a weight `perceptual` of 0 it is not used; a positive weight without it raises
    ValueError.
    """

    def __init__(self, loss: Loss, features: nn.Module | None) -> None:
        if loss.perceptual > 0 and features is None:
            raise ValueError(
                f"the loss weight perceptual is {loss.perceptual}, but there is no feature"
                " network: pass one, or set the weight to 0"
            )
        names = ("pixel", "parsing", "key_regions")  # eq. 29
        weights = {name: getattr(loss, name) for name in names}
        super().__init__(weights, features if loss.perceptual > 0 else None)
        self.loss = loss

    def terms(self, made: Terms, batch: Batch) -> Terms:
        """Scalars by name: pixel, parsing, key_regions, one per region, and perceptual.

        made: sr, and parsing (B, P, r, r). A region's term is its pixel error plus its weighted
        feature error; `perceptual`, if its weight is not 0, is the sum of the feature errors.
        """
        sr, parsing = made["sr"], made["parsing"]
        errors = self._pixel_errors(sr, batch.hr)
        terms = {
            "pixel": errors.mean(),  # eq. 24
            "parsing": F.mse_loss(parsing, batch.skin_lr.expand_as(parsing)),  # eq. 25
        }
        return terms | self._key_regions(sr, batch.hr, errors, region_masks(batch.classes).float())

    def shares(self, means: dict[str, float]) -> dict[str, float]:
        """As in Objective; the feature errors, part of `key_regions`, are also listed alone."""
        found = super().shares(means)
        if self.features is not None and "key_regions" in found:
            part = self.loss.perceptual * means["perceptual"] / (means["key_regions"] or 1.0)
            found["perceptual"] = found["key_regions"] * part
            found["key_regions"] -= found["perceptual"]
        return found

    def _pixel_errors(self, sr: Tensor, hr: Tensor) -> Tensor:
        difference = sr - hr
        return difference.abs() if self.loss.pixel_norm == "l1" else difference.square()

    def _key_regions(
        self, sr: Tensor, hr: Tensor, errors: Tensor, masks: Tensor
    ) -> dict[str, Tensor]:
        """Eq. 27 and 28; masks are (B, R, H, W), and a mask that is empty everywhere adds 0.

        Means are over the whole image, not over the mask: a small region weighs little, and an
        empty one causes no division by zero.
        """
        # A binary mask is its own square, so masking the error equals masking both images.
        regions = (errors.mean(1, keepdim=True) * masks).mean((0, 2, 3))  # (R,)
        terms = {}
        if self.features is not None:
            features = self._feature_errors(sr, hr, masks)
            regions = regions + self.loss.perceptual * features
            terms["perceptual"] = features.sum()
        terms["key_regions"] = regions.sum()  # eq. 28: equal weights
        return {**terms, **dict(zip(KEY_REGIONS, regions.unbind(), strict=True))}

    def _feature_errors(self, sr: Tensor, hr: Tensor, masks: Tensor) -> Tensor:
        """Eq. 26 for the four masked images: (R,). Masked before the network, as in eq. 27."""
        sr, hr = (
            (image[:, None] * masks[:, :, None]).flatten(0, 1) for image in (sr, hr)
        )  # (B * R, 3, H, W)
        made, wanted = self.compared(sr, hr)
        return (made - wanted).square().unflatten(0, masks.shape[:2]).flatten(2).mean((0, 2))


def load(
    loss: Loss, model: Config, scale: int, side: int, files: Mapping[str, Path]
) -> WNetObjective:
    """Make the objective, with VGG-19 if its weight is not 0."""
    features = VGGFeatures(19, CONV5_4).load(files["vgg19"]) if loss.perceptual else None
    return WNetObjective(loss, features)
