"""The objective of networks that are trained by a pixel loss alone."""

from collections.abc import Mapping
from pathlib import Path

from wnet.data.batches import Batch
from wnet.networks.architecture import Architecture
from wnet.training.objective import Objective, Terms
from wnet.training.settings import Loss


class Pixels(Objective):
    """The mean error of all pixels, RGB 0 to 1."""

    def __init__(self, loss: Loss) -> None:
        super().__init__({"pixel": 1.0})
        self.norm = loss.pixel_norm

    def terms(self, made: Terms, batch: Batch) -> Terms:
        difference = made["sr"] - batch.hr
        errors = difference.abs() if self.norm == "l1" else difference.square()
        return {"pixel": errors.mean()}


def load(
    loss: Loss, model: Architecture, scale: int, side: int, files: Mapping[str, Path]
) -> Pixels:
    """The objective."""
    return Pixels(loss)
