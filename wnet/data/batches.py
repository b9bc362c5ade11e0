"""Batches of training faces: order, mirroring and format, wherever the faces are stored."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from wnet.data.mirror import mirror_classes, mirror_points
from wnet.data.pixels import to_unit

WHOLE = slice(None)


class Batch(NamedTuple):
    """B faces of HR side R and LR side r.

    lr: (B, 3, r, r), hr: (B, 3, R, R), RGB 0 to 1. skin_lr: (B, 1, r, r), soft, 0 to 1.
    classes: (B, R, R) uint8, BiSeNet ids of `hr`. points: (B, 68, 2) float32, x and y of the
    landmarks in pixels of `hr`. drawn: (B, 2) float32, random numbers from 0 to 1, new in each
    epoch, for objectives with a random part; zeros outside of training.
    """

    lr: Tensor
    hr: Tensor
    skin_lr: Tensor
    classes: Tensor
    points: Tensor
    drawn: Tensor


class Faces(ABC):
    """N faces that can be read in any order."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _columns(self, orders: Iterable[np.ndarray]) -> Iterator[list[Tensor]]:
        """For each array of indices, yield the stored faces on the device.

        lr, hr, skin_lr and classes as in a Batch but uint8, and points.
        """

    def batches(self, length: int) -> Iterator[Batch]:
        """All faces in order; the last batch may be shorter."""
        orders = np.split(np.arange(len(self)), range(length, len(self), length))
        for order, columns in zip(orders, self._columns(orders), strict=True):
            yield _as_batch(columns, torch.zeros(len(order), 2, device=columns[0].device))

    def rows_of(self, seed: int, epoch: int, length: int, step: int) -> list[int]:
        """Indices of the faces in one batch of an epoch, over all processes together."""
        order = _random(seed, epoch).permutation(len(self))
        return order[step * length : (step + 1) * length].tolist()

    def shuffled(
        self, seed: int, epoch: int, length: int, flip: bool, skip: int, share: slice = WHOLE
    ) -> Iterator[Batch]:
        """One epoch in the order that (seed, epoch) gives, without its first `skip` batches.

        Every batch is full; the few faces left over are used in other epochs. `flip` mirrors each
        face with a probability of one half, and exchanges left and right in its points and classes.
        `share`: the part of each batch of `length` faces that this process reads, if several
        processes divide it.
        """
        random = _random(seed, epoch)
        order = random.permutation(len(self))
        mirrored = random.random(len(self)) < 0.5 if flip else np.zeros(len(self), bool)
        drawn = random.random((len(self), 2), np.float32)
        starts = range(skip * length, len(self) - length + 1, length)
        places = [np.arange(start, start + length)[share] for start in starts]
        columns = self._columns(order[place] for place in places)
        for place, held in zip(places, columns, strict=True):
            device = held[0].device
            batch = _as_batch(held, sent(drawn[place], device))
            yield mirror_some(batch, sent(mirrored[place], device)) if flip else batch


def sent(array: np.ndarray, device: torch.device) -> Tensor:
    """The array on the device, copied without waiting for the device's earlier work."""
    tensor = torch.from_numpy(array)
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def _random(seed: int, epoch: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, epoch]))


def mirror_some(batch: Batch, turned: Tensor) -> Batch:
    """The batch with some faces mirrored; turned: (B,) bool."""

    def chosen(mirrored: Tensor, column: Tensor) -> Tensor:
        return torch.where(turned.view(-1, *[1] * (column.ndim - 1)), mirrored, column)

    images = {name: getattr(batch, name) for name in ("lr", "hr", "skin_lr")}
    turned_images = {name: chosen(image.flip(-1), image) for name, image in images.items()}
    return batch._replace(
        **turned_images,
        classes=chosen(mirror_classes(batch.classes), batch.classes),
        points=chosen(mirror_points(batch.points, batch.hr.shape[-1]), batch.points),
    )


def _as_batch(columns: list[Tensor], drawn: Tensor) -> Batch:
    lr, hr, skin_lr, classes, points = columns
    return Batch(to_unit(lr), to_unit(hr), to_unit(skin_lr), classes, points.float(), drawn)
