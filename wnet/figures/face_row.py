"""The row of the picture grid that shows one face: what went in, what came out, what was true."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wnet.figures.grid import Cell, enlarge, with_points


@dataclass(frozen=True, kw_only=True)
class Face:
    """One face, uint8, RGB where there is colour; R is the HR side, r the LR side.

    Attributes:
        lr: (r, r, 3); bicubic, sr, hr: (R, R, 3).
        estimated, true: (r, r) soft skin maps, 0-255; None of a network that estimates none.
        classes: (R, R) parsing map of the original.
        points, bicubic_points, sr_points: (68, 2) landmarks of the original and of the pictures
            made of it, in pixels of `hr`; NaN where none were found.
        bicubic_psnr, sr_psnr: dB.
    """

    name: str
    lr: np.ndarray
    bicubic: np.ndarray
    sr: np.ndarray
    hr: np.ndarray
    estimated: np.ndarray | None
    true: np.ndarray
    classes: np.ndarray
    points: np.ndarray
    bicubic_points: np.ndarray
    sr_points: np.ndarray
    bicubic_psnr: float
    sr_psnr: float

    @property
    def gain(self) -> float:
        """PSNR of the network over that of bicubic interpolation, dB."""
        return self.sr_psnr - self.bicubic_psnr


def column_titles(lr_side: int, hr_side: int) -> Sequence[tuple[str, str]]:
    """Titles of the columns of `face_row`, each with a remark."""
    small, large = (f"{side} × {side} px" for side in (lr_side, hr_side))
    return (
        ("Input", small),
        ("Bicubic", large),
        ("Network", large),
        ("Original", large),
        ("Skin, estimated", small),
        ("Skin, true", small),
        ("Original", "its landmarks"),
        ("Network", "the same landmarks"),
    )


def face_row(face: Face, magnify: int) -> list[Cell]:
    """The pictures of one face; all are enlarged, by repeated pixels, to magnify times the HR side.

    The original's landmarks are drawn over the reconstruction too: features that moved stand
    beside their dots.
    """
    scale = magnify * len(face.hr) // len(face.lr)
    estimated, absent = face.estimated, ""
    if estimated is None:
        estimated, absent = np.zeros_like(face.true), "none by this network"
    found = "" if not np.isnan(face.points).any() else "no face found"
    return [
        Cell(enlarge(face.lr, scale), face.name),
        Cell(enlarge(face.bicubic, magnify), f"{face.bicubic_psnr:.2f} dB"),
        Cell(enlarge(face.sr, magnify), f"{face.sr_psnr:.2f} dB ({_signed(face.gain)})"),
        Cell(enlarge(face.hr, magnify), ""),
        Cell(enlarge(estimated, scale), absent),
        Cell(enlarge(face.true, scale), ""),
        Cell(with_points(face.hr, face.points, magnify), found),
        Cell(with_points(face.sr, face.points, magnify), found),
    ]


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
