"""A train set that is kept on the device, as uint8."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from wnet.data.batches import Faces, sent


class FacesOnDevice(Faces):
    """N faces as uint8 on one device; no loader, no workers, no copies between epochs."""

    def __init__(
        self,
        lr: np.ndarray,
        hr: np.ndarray,
        skin_lr: np.ndarray,
        classes: np.ndarray,
        points: np.ndarray,
        device: str,
    ):
        """lr, hr: (N, r, r, 3) and (N, R, R, 3) RGB; skin_lr: (N, r, r); classes: (N, R, R).

        points: (N, 68, 2) in pixels of hr.
        """
        channels_first = (lr.transpose(0, 3, 1, 2), hr.transpose(0, 3, 1, 2), skin_lr[:, None])
        self._held = [
            torch.from_numpy(np.ascontiguousarray(column)).to(device)
            for column in (*channels_first, classes, points)
        ]

    def __len__(self) -> int:
        return len(self._held[0])

    def _columns(self, orders: Iterable[np.ndarray]) -> Iterator[list[Tensor]]:
        for order in orders:
            chosen = sent(order, self._held[0].device)
            yield [column[chosen] for column in self._held]
