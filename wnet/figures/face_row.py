"""The row of the picture grid that shows one face: input, result and ground truth."""

from dataclasses import dataclass

import numpy as np

from wnet.figures.grid import Cell, enlarge, with_points


@dataclass(frozen=True, kw_only=True)
class Face:
    """One face as uint8 images, RGB or gray; R is the HR side, r the LR side.

    Attributes:
        lr: (r, r, 3); bicubic, sr, hr: (R, R, 3); sr and its points are None without a network.
        estimated, true: (r, r) soft skin maps, 0-255; None if there is none.
        classes: (R, R) parsing map of the original; None if there is none.
        points, bicubic_points, sr_points: (68, 2) landmarks found in the original, in the bicubic
            and in the SR picture, in pixels of `hr`; NaN if none were found.
        bicubic_psnr, sr_psnr: dB.
    """

    name: str
    lr: np.ndarray
    bicubic: np.ndarray
    sr: np.ndarray | None
    hr: np.ndarray
    estimated: np.ndarray | None
    true: np.ndarray | None
    classes: np.ndarray | None
    points: np.ndarray
    bicubic_points: np.ndarray
    sr_points: np.ndarray | None
    bicubic_psnr: float
    sr_psnr: float

    @property
    def gain(self) -> float:
        """PSNR of the network minus that of bicubic interpolation, dB."""
        return self.sr_psnr - self.bicubic_psnr


def column_titles(face: Face) -> list[tuple[str, str]]:
    """The titles of the columns of `face_row`, each with a remark."""
    small, large = (f"{len(image)} × {len(image)} px" for image in (face.lr, face.hr))
    titles = [("Input", small), ("Bicubic", large)]
    if face.sr is not None:
        titles.append(("Network", large))
    titles.append(("Original", large))
    if face.estimated is not None:
        titles.append(("Skin, estimated", small))
    if face.true is not None:
        titles.append(("Skin, true", small))
    made = "Bicubic" if face.sr is None else "Network"
    return [*titles, ("Original", "its landmarks"), (made, "the same landmarks")]


def face_row(face: Face, magnify: int) -> list[Cell]:
    """The pictures of one face, all enlarged to `magnify` times the HR side by repeating pixels.

    The original's landmarks are also drawn over the reconstruction, to show features that moved.
    """
    scale = magnify * len(face.hr) // len(face.lr)
    found = "" if not np.isnan(face.points).any() else "no face found"
    cells = [
        Cell(enlarge(face.lr, scale), face.name),
        Cell(enlarge(face.bicubic, magnify), f"{face.bicubic_psnr:.2f} dB"),
    ]
    if face.sr is not None:
        said = f"{face.sr_psnr:.2f} dB ({_signed(face.gain)})"
        cells.append(Cell(enlarge(face.sr, magnify), said))
    cells.append(Cell(enlarge(face.hr, magnify), ""))
    cells += [
        Cell(enlarge(skin, scale), "") for skin in (face.estimated, face.true) if skin is not None
    ]
    made = face.bicubic if face.sr is None else face.sr
    return cells + [
        Cell(with_points(image, face.points, magnify), found) for image in (face.hr, made)
    ]


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
