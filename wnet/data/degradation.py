"""Degradation of LR faces to resemble real photographs: blur, noise and JPEG compression."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image
from torch import Tensor

from wnet.data.batches import WHOLE, Batch, Faces, sent
from wnet.data.pixels import to_bytes, to_unit
from wnet.data.settings import Degrade

LIBRARIES = ("opencv-python", "pillow")
_BLOCK = 16  # px of a JPEG's block where chroma is halved
_VALIDATION = 2**32  # the epoch of validation faces; no training has so many


@dataclass(frozen=True)
class Degradation:
    """The random degradation of one face; `shift`: x, y at which a block of the JPEG begins."""

    blur: float
    noise: float
    quality: int
    shift: tuple[int, int]
    random: np.random.Generator

    def __call__(self, lr: np.ndarray) -> np.ndarray:
        """An (r, r, 3) uint8 RGB face, degraded."""
        made = lr
        if self.blur > 0:
            made = cv2.GaussianBlur(made, (0, 0), self.blur, borderType=cv2.BORDER_REPLICATE)
        noise = self.noise * self.random.standard_normal(made.shape, np.float32)
        made = np.clip(np.rint(made + noise), 0, 255).astype(np.uint8)
        return self._compressed(made)

    def _compressed(self, face: np.ndarray) -> np.ndarray:
        x, y = self.shift
        file = io.BytesIO()
        padded = np.pad(face, ((y, 0), (x, 0), (0, 0)), "edge")
        Image.fromarray(padded).save(file, "JPEG", quality=self.quality, subsampling="4:2:0")
        return np.asarray(Image.open(file))[y:, x:]


def drawn(how: Degrade, *seed: int) -> Degradation | None:
    """Draw the degradation of one face; None if the face stays clean. Equal seeds, equal result."""
    random = np.random.Generator(np.random.PCG64(seed))
    if random.random() >= how.share:
        return None
    low, high = how.jpeg
    return Degradation(
        blur=random.uniform(*how.blur),
        noise=random.uniform(*how.noise),
        quality=int(random.integers(low, high, endpoint=True)),
        shift=tuple(random.integers(0, _BLOCK, 2).tolist()),
        random=random,
    )


class DegradedFaces(Faces):
    """Faces whose LR images are degraded when they are read; all else is unchanged.

    The degradation depends only on the seed, the epoch and the face: not on the batch, the number
    of processes, or where a training was resumed.
    """

    def __init__(self, faces: Faces, how: Degrade, seed: int) -> None:
        self._faces, self._how, self._seed = faces, how, seed

    def __len__(self) -> int:
        return len(self._faces)

    def _columns(self, orders: Iterable[np.ndarray]) -> Iterator[list[Tensor]]:
        return self._faces._columns(orders)

    def batches(self, length: int) -> Iterator[Batch]:
        """Batches of the faces in order, degraded the same way each time."""
        for number, batch in enumerate(self._faces.batches(length)):
            first = number * length
            yield self._degraded(batch, range(first, first + len(batch.lr)), _VALIDATION)

    def shuffled(
        self, seed: int, epoch: int, length: int, flip: bool, skip: int, share: slice = WHOLE
    ) -> Iterator[Batch]:
        """One shuffled epoch, as of the faces; each epoch draws new degradations."""
        batches = self._faces.shuffled(seed, epoch, length, flip, skip, share)
        for step, batch in enumerate(batches, start=skip):
            yield self._degraded(batch, self.rows_of(seed, epoch, length, step)[share], epoch)

    def _degraded(self, batch: Batch, rows: Iterable[int], epoch: int) -> Batch:
        lr = to_bytes(batch.lr)
        for place, row in enumerate(rows):
            if degrade := drawn(self._how, self._seed, epoch, row):
                lr[place] = degrade(lr[place])
        planes = np.ascontiguousarray(lr.transpose(0, 3, 1, 2))
        return batch._replace(lr=to_unit(sent(planes, batch.lr.device)))
