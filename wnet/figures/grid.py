"""A grid of pictures with column titles and a line of text below each picture."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Dark and neutral in every theme, so that pictures look the same on light and dark pages.
BACKGROUND, INK, MUTED = (24, 26, 29), (240, 242, 244), (168, 174, 182)
_DOT, _RING = (255, 226, 64), (20, 20, 20)
_PART_OF_PIXEL = 4  # bits


@dataclass(frozen=True)
class Layout:
    """The positions and sizes of a grid, in pixels; all are proportional to the pictures' side."""

    side: int

    @property
    def gap(self) -> int:
        """The space around and between the pictures."""
        return max(2, self.side // 24)

    @property
    def line(self) -> int:
        """The height of a line of text."""
        return max(12, self.side // 9)

    @property
    def top(self) -> int:
        """The height of the two lines of column titles above the first row."""
        return self.gap + 2 * self.line + self.gap // 2

    def origin(self, row: int, column: int) -> tuple[int, int]:
        """The upper left corner (x, y) of a picture."""
        return (
            self.gap + column * (self.side + self.gap),
            self.top + row * (self.side + self.line + self.gap),
        )

    def extent(self, rows: int, columns: int) -> tuple[int, int]:
        """The width and height of the whole grid."""
        return self.origin(rows, columns)


@dataclass(frozen=True)
class Cell:
    """A square picture, (side, side, 3) uint8 RGB, and the text below it."""

    picture: np.ndarray
    note: str


def enlarge(image: np.ndarray, factor: int) -> np.ndarray:
    """Repeat the pixels of (H, W, 3) RGB, or of a map (H, W) shown in grey: uint8 RGB."""
    rgb = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
    return rgb.repeat(factor, axis=0).repeat(factor, axis=1)


def with_points(image: np.ndarray, points: np.ndarray, factor: int) -> np.ndarray:
    """Enlarge (H, W, 3) and draw a dot at each point (K, 2), x and y in pixels of the original.

    Integers are centres of pixels. NaN points are not drawn.
    """
    picture = np.ascontiguousarray(enlarge(image, factor))
    unit = 1 << _PART_OF_PIXEL
    radius = len(picture) / 150
    for x, y in (points[~np.isnan(points).any(axis=1)] + 0.5) * factor - 0.5:
        centre = (round(float(x) * unit), round(float(y) * unit))
        for colour, reach in ((_RING, radius * 1.7), (_DOT, radius)):
            size = round(reach * unit)
            cv2.circle(picture, centre, size, colour, -1, cv2.LINE_AA, _PART_OF_PIXEL)
    return picture


def draw_grid(titles: Sequence[tuple[str, str]], rows: Sequence[Sequence[Cell]]) -> np.ndarray:
    """Lay out rows of cells below their columns' titles (a word, a remark): (H, W, 3) uint8 RGB.

    Raises ValueError if the pictures are not squares of one size or a row does not fit the titles.
    """
    side = len(rows[0][0].picture)
    for cells in rows:
        if len(cells) != len(titles):
            raise ValueError(f"a row of {len(cells)} pictures below {len(titles)} titles")
        for cell in cells:
            if cell.picture.shape != (side, side, 3):
                raise ValueError(f"a picture of shape {cell.picture.shape}, not {(side, side, 3)}")
    layout = Layout(side)
    canvas = Image.new("RGB", layout.extent(len(rows), len(titles)), BACKGROUND)
    pen, letters = ImageDraw.Draw(canvas), font(round(layout.line * 0.72))
    for column, title in enumerate(titles):
        x = layout.origin(0, column)[0]
        for line, (text, ink) in enumerate(zip(title, (INK, MUTED), strict=True)):
            y = layout.gap + line * layout.line
            pen.text((x, y), _fitted(text, letters, side), ink, letters)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            x, y = layout.origin(row, column)
            canvas.paste(Image.fromarray(cell.picture), (x, y))
            note = _fitted(cell.note, letters, side)
            pen.text((x, y + side + layout.gap // 3), note, MUTED, letters)
    return np.asarray(canvas)


def as_png(image: np.ndarray) -> bytes:
    """Encode (H, W, 3) uint8 RGB without metadata."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", optimize=True)
    return file.getvalue()


def font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, as shipped by matplotlib: the same on every machine."""
    from matplotlib import get_data_path

    return ImageFont.truetype(Path(get_data_path()) / "fonts/ttf/DejaVuSans.ttf", size)


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """The text, or an ellipsis and as much of its end, where names differ, as fits."""
    if font.getlength(text) <= width:
        return text
    kept = text
    while kept and font.getlength(f"…{kept}") > width:
        kept = kept[1:]
    return f"…{kept}"
