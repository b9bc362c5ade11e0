"""Fig. 8 of the paper: skin maps estimated from LR faces, with and without the Parsing Block."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wnet.figures.grid import Cell, draw_grid, enlarge
from wnet.metrics.faces import mask_iou

SIDE = 128  # of a picture in the grid, pixels
TITLES = (
    ("Input", "and its size"),
    ("Skin, true", "of the HR face, reduced"),
    ("With", "Parsing Block: Exp.H"),
    ("Without", "plain convolutions: Exp.G"),
)


@dataclass(frozen=True, kw_only=True)
class Maps:
    """N LR faces (N, r, r, 3) with their true and estimated soft skin maps (N, r, r), all uint8."""

    lr: np.ndarray
    true: np.ndarray
    with_block: np.ndarray
    without_block: np.ndarray

    def iou(self, estimated: np.ndarray) -> np.ndarray:
        """(N,) intersection over union with the true maps, both cut at the middle."""
        return mask_iou(estimated > 127, self.true > 127)


def draw_parsing_maps(scales: Sequence[Maps]) -> np.ndarray:
    """A row a face, scale after scale, with the IoU below each estimate: (H, W, 3) uint8 RGB."""
    return draw_grid(TITLES, [row for maps in scales for row in _rows(maps)])


def _rows(maps: Maps) -> list[list[Cell]]:
    side = maps.lr.shape[1]
    factor = SIDE // side
    estimates = [(values, maps.iou(values)) for values in (maps.with_block, maps.without_block)]
    return [
        [
            Cell(enlarge(maps.lr[face], factor), f"{side} x {side} px"),
            Cell(enlarge(maps.true[face], factor), ""),
            *(
                Cell(enlarge(values[face], factor), f"IoU {iou[face]:.3f}")
                for values, iou in estimates
            ),
        ]
        for face in range(len(maps.lr))
    ]
