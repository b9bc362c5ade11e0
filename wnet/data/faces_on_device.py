"""The training set, held whole as bytes on the device: shuffled, flipped and batched there."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class Batch(NamedTuple):
    """B faces of HR side R and LR side r.

    lr: (B, 3, r, r), hr: (B, 3, R, R), RGB 0 to 1. skin_lr: (B, 1, r, r), soft, 0 to 1.
    classes: (B, R, R) uint8, BiSeNet ids of `hr`.
    """

    lr: Tensor
    hr: Tensor
    skin_lr: Tensor
    classes: Tensor


class FacesOnDevice:
    """N faces as uint8 on one device; no loader, no workers, no copies between epochs."""

    def __init__(
        self, lr: np.ndarray, hr: np.ndarray, skin_lr: np.ndarray, classes: np.ndarray, device: str
    ):
        """lr, hr: (N, r, r, 3) and (N, R, R, 3) RGB; skin_lr: (N, r, r); classes: (N, R, R)."""
        channels_first = (lr.transpose(0, 3, 1, 2), hr.transpose(0, 3, 1, 2), skin_lr[:, None])
        self._columns = [
            torch.from_numpy(np.ascontiguousarray(column)).to(device)
            for column in (*channels_first, classes)
        ]

    def __len__(self) -> int:
        return len(self._columns[0])

    def batches(self, length: int) -> Iterator[Batch]:
        """All faces in order, the last batch as short as it comes."""
        for start in range(0, len(self), length):
            yield _as_batch([column[start : start + length] for column in self._columns])

    def shuffled(
        self, seed: int, epoch: int, length: int, flip: bool, skip: int
    ) -> Iterator[Batch]:
        """One epoch in the order that (seed, epoch) gives, without its first `skip` batches.

        Every batch is full: the few faces left over come in other epochs. `flip` mirrors every
        second face, drawn at random. A face's side classes are not exchanged when it is mirrored;
        the loss looks at left and right together.
        """
        random = np.random.Generator(np.random.PCG64([seed, epoch]))
        order = random.permutation(len(self))
        mirrored = random.random(len(self)) < 0.5 if flip else np.zeros(len(self), bool)
        device = self._columns[0].device
        for start in range(skip * length, len(self) - length + 1, length):
            chosen = torch.from_numpy(order[start : start + length]).to(device)
            turned = torch.from_numpy(mirrored[start : start + length]).to(device)
            yield _as_batch([_mirror(column[chosen], turned) for column in self._columns])


def _mirror(column: Tensor, turned: Tensor) -> Tensor:
    turned = turned.view(-1, *[1] * (column.ndim - 1))
    return torch.where(turned, column.flip(-1), column)


def _as_batch(columns: list[Tensor]) -> Batch:
    lr, hr, skin_lr, classes = columns
    return Batch(lr.float() / 255, hr.float() / 255, skin_lr.float() / 255, classes)
