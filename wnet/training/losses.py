"""The training loss (eq. 24 to 29).

B batch, R key regions, H and W pixels of the HR image, r LR pixels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.parsing.regions import KEY_REGIONS
from wnet.training.settings import LossWeights


def region_masks(classes: Tensor) -> Tensor:
    """Class map (B, H, W) of BiSeNet ids to (B, R, H, W) bool, in the order of KEY_REGIONS."""
    return torch.stack(
        [
            torch.stack([classes == class_id for class_id in ids]).any(0)
            for ids in KEY_REGIONS.values()
        ],
        1,
    )


class WNetLoss(nn.Module):
    """Every term of eq. 24 to 29 for one batch, in float32 also under autocast.

    `perceptual` maps images (B, 3, H, W), RGB 0 to 1, to features whose first axis is B (the paper:
    VGG-19). It is frozen and kept in eval mode; a weight of 0 leaves it out, and a positive weight
    without a network raises ValueError.
    """

    def __init__(self, weights: LossWeights, perceptual: nn.Module | None) -> None:
        super().__init__()
        if weights.perceptual > 0 and perceptual is None:
            raise ValueError(
                f"the loss weight perceptual is {weights.perceptual}, but there is no feature"
                " network: pass one, or set the weight to 0"
            )
        self.weights = weights
        self.perceptual = perceptual if weights.perceptual > 0 else None
        if self.perceptual is not None:
            self.perceptual.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> "WNetLoss":
        """As in nn.Module, but the feature network stays in eval mode."""
        super().train(mode)
        if self.perceptual is not None:
            self.perceptual.eval()
        return self

    def forward(
        self, sr: Tensor, parsing: Tensor | None, hr: Tensor, skin_lr: Tensor, classes: Tensor
    ) -> dict[str, Tensor]:
        """Scalars by name: total, pixel, parsing, key_regions, one per region, and perceptual.

        sr, hr: (B, 3, H, W), RGB 0 to 1. parsing: (B, P, r, r), or None of a network that estimates
        no map, which has no such term. skin_lr: (B, 1 or P, r, r), 0 to 1. classes: (B, H, W),
        BiSeNet ids of hr. A region adds its pixel and weighted feature error; `perceptual`, there
        if it has a weight, is the plain sum of the regions' feature errors.
        """
        for name, target in (("hr", hr), ("skin_lr", skin_lr)):
            if not target.is_floating_point():
                raise ValueError(f"{name} is {target.dtype}; divide it by 255 to get 0 to 1")
        weights = self.weights
        with torch.autocast(sr.device.type, enabled=False):
            sr, hr = sr.float(), hr.float()
            errors = self._pixel_errors(sr, hr)
            terms = {"pixel": errors.mean()}  # eq. 24
            total = weights.pixel * terms["pixel"]
            if parsing is not None:
                parsing, skin_lr = parsing.float(), skin_lr.float()
                terms["parsing"] = F.mse_loss(parsing, skin_lr.expand_as(parsing))  # eq. 25
                total = total + weights.parsing * terms["parsing"]
            terms |= self._key_regions(sr, hr, errors, region_masks(classes).float())
            terms["total"] = total + weights.key_regions * terms["key_regions"]  # eq. 29
        return terms

    def _pixel_errors(self, sr: Tensor, hr: Tensor) -> Tensor:
        difference = sr - hr
        return difference.abs() if self.weights.pixel_norm == "l1" else difference.square()

    def _key_regions(
        self, sr: Tensor, hr: Tensor, errors: Tensor, masks: Tensor
    ) -> dict[str, Tensor]:
        """Eq. 27 and 28; masks are (B, R, H, W), and a mask that is empty everywhere adds 0.

        The means run over the whole image, not over the mask: a small region weighs little, and an
        empty one divides nothing by zero.
        """
        # A binary mask is its own square, so masking the error equals masking both images.
        regions = (errors.mean(1, keepdim=True) * masks).mean((0, 2, 3))  # (R,)
        terms = {}
        if self.perceptual is not None:
            features = self._feature_errors(sr, hr, masks)
            regions = regions + self.weights.perceptual * features
            terms["perceptual"] = features.sum()
        terms["key_regions"] = regions.sum()  # eq. 28: equal weights
        return {**terms, **dict(zip(KEY_REGIONS, regions.unbind(), strict=True))}

    def _feature_errors(self, sr: Tensor, hr: Tensor, masks: Tensor) -> Tensor:
        """Eq. 26 of the four masked images: (R,). Masked before the network, as eq. 27 reads."""
        sr, hr = (
            (image[:, None] * masks[:, :, None]).flatten(0, 1) for image in (sr, hr)
        )  # (B * R, 3, H, W)
        with torch.no_grad():
            wanted = self.perceptual(hr)
        errors = (self.perceptual(sr) - wanted).square()
        return errors.unflatten(0, masks.shape[:2]).flatten(2).mean((0, 2))
