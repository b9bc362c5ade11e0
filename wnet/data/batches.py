"""Batches of faces for training: the order, the mirroring and the form, wherever the faces lie."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from wnet.data.pixels import to_unit

WHOLE = slice(None)


class Batch(NamedTuple):
    """B faces of HR side R and LR side r.

    lr: (B, 3, r, r), hr: (B, 3, R, R), RGB 0 to 1. skin_lr: (B, 1, r, r), soft, 0 to 1.
    classes: (B, R, R) uint8, BiSeNet ids of `hr`.
    """

    lr: Tensor
    hr: Tensor
    skin_lr: Tensor
    classes: Tensor


class Faces(ABC):
    """N faces that can be had in any order."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _columns(self, orders: Iterable[np.ndarray]) -> Iterator[list[Tensor]]:
        """For each array of indices its faces on the device, uint8: the fields of a Batch."""

    def batches(self, length: int) -> Iterator[Batch]:
        """All faces in order, the last batch as short as it comes."""
        orders = np.split(np.arange(len(self)), range(length, len(self), length))
        yield from map(_as_batch, self._columns(orders))

    def rows_of(self, seed: int, epoch: int, length: int, step: int) -> list[int]:
        """Which faces, by their places, stand in one batch (of all processes) of an epoch."""
        order = _random(seed, epoch).permutation(len(self))
        return order[step * length : (step + 1) * length].tolist()

    def shuffled(
        self, seed: int, epoch: int, length: int, flip: bool, skip: int, share: slice = WHOLE
    ) -> Iterator[Batch]:
        """One epoch in the order that (seed, epoch) gives, without its first `skip` batches.

        Every batch is full: the few faces left over come in other epochs. `flip` mirrors every
        second face, drawn at random. A face's side classes are not exchanged when it is mirrored;
        the loss looks at left and right together. `share`: which of a batch's `length` faces are
        wanted here, where several processes divide it.
        """
        random = _random(seed, epoch)
        order = random.permutation(len(self))
        mirrored = random.random(len(self)) < 0.5 if flip else np.zeros(len(self), bool)
        starts = range(skip * length, len(self) - length + 1, length)
        places = [np.arange(start, start + length)[share] for start in starts]
        columns = self._columns(order[place] for place in places)
        for place, held in zip(places, columns, strict=True):
            turned = sent(mirrored[place], held[0].device)
            yield _as_batch([_mirror(column, turned) for column in held])


def sent(array: np.ndarray, device: torch.device) -> Tensor:
    """The array on the device; it does not wait until the device has done what was asked before."""
    tensor = torch.from_numpy(array)
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def _random(seed: int, epoch: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, epoch]))


def _mirror(column: Tensor, turned: Tensor) -> Tensor:
    turned = turned.view(-1, *[1] * (column.ndim - 1))
    return torch.where(turned, column.flip(-1), column)


def _as_batch(columns: list[Tensor]) -> Batch:
    lr, hr, skin_lr, classes = columns
    return Batch(to_unit(lr), to_unit(hr), to_unit(skin_lr), classes)
