"""A train set that is streamed from its shards if it does not fit on the device."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from wnet.data.batches import Faces
from wnet.data.shards import Shards

AHEAD = 4  # batches that are read ahead while the device works


class FacesInShards(Faces):
    """N faces read from memory-mapped shards, batch by batch, by a prefetching thread."""

    def __init__(
        self, names: Sequence[str], columns: Sequence[tuple[Shards, str]], device: str
    ) -> None:
        """columns: the folders of shards with lr, hr, skin_lr, classes and points.

        Each is verified by checksum, once.
        """
        self._device, self._length = device, len(names)
        places = {shards: shards.places(names) for shards in dict(columns)}
        self._mapped = [_Column(shards, places[shards], key) for shards, key in columns]

    def __len__(self) -> int:
        return self._length

    def _columns(self, orders: Iterable[np.ndarray]) -> Iterator[list[Tensor]]:
        with ThreadPoolExecutor(1) as thread:
            gathered = deque()
            for order in orders:
                gathered.append(thread.submit(self._gather, order))
                if len(gathered) > AHEAD:
                    yield self._sent(gathered.popleft().result())
            while gathered:
                yield self._sent(gathered.popleft().result())

    def _gather(self, order: np.ndarray) -> list[Tensor]:
        lr, hr, skin_lr, classes, points = (column.take(order) for column in self._mapped)
        channels_first = (lr.transpose(0, 3, 1, 2), hr.transpose(0, 3, 1, 2), skin_lr[:, None])
        tensors = [
            torch.from_numpy(np.ascontiguousarray(column))
            for column in (*channels_first, classes, points)
        ]
        on_cuda = self._device.startswith("cuda")
        return [tensor.pin_memory() for tensor in tensors] if on_cuda else tensors

    def _sent(self, columns: list[Tensor]) -> list[Tensor]:
        return [column.to(self._device, non_blocking=True) for column in columns]


class _Column:
    """One column of a folder of shards, in the order of the given places."""

    def __init__(self, shards: Shards, places: tuple[np.ndarray, np.ndarray], key: str):
        self._shard, self._row = places
        shards.verify(key)
        self._maps = shards.mapped(key)

    def take(self, order: np.ndarray) -> np.ndarray:
        shard, row = self._shard[order], self._row[order]
        first = self._maps[0]
        taken = np.empty((len(order), *first.shape[1:]), first.dtype)
        # Copying each face straight to its position is faster than gathering shard by shard.
        for place, (index, line) in enumerate(zip(shard.tolist(), row.tolist(), strict=True)):
            taken[place] = self._maps[index][line]
        return taken
