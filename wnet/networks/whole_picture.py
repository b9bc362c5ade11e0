"""Whole pictures enlarged: by the network where there are faces, by bicubic everywhere else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wnet.crops.input_faces import Square
from wnet.data.pixels import to_bytes, to_planes
from wnet.data.resize import bicubic
from wnet.networks.network import Network, upscale

MARGIN = 1 / 8  # of a face's side: over so much at each edge the face fades into the picture
MOST_GROWTH = 256  # pixels a square may grow by to fit a network


@dataclass(frozen=True)
class EnlargedFace:
    """One face of a picture.

    Attributes:
        square: where it is.
        pixels: (side * scale, side * scale, 3) uint8 RGB, upright, the network's; None where the
            face is larger than the network knows faces, and is left as bicubic made it.
    """

    square: Square
    pixels: np.ndarray | None

    @property
    def side(self) -> int:
        """Of its square, in pixels of the picture."""
        return self.square.box[2] - self.square.box[0]


def enlarge(
    image: np.ndarray, squares: Sequence[Square], network: Network, largest: int, device: str
) -> tuple[np.ndarray, list[EnlargedFace]]:
    """An (H, W, 3) uint8 RGB picture `network.scale` times as large, and its faces, as below."""
    faces = enlarge_faces(image, squares, network, largest, device)
    return with_faces(image, faces, network.scale), faces


def enlarge_faces(
    image: np.ndarray, squares: Sequence[Square], network: Network, largest: int, device: str
) -> list[EnlargedFace]:
    """The faces of an (H, W, 3) uint8 RGB picture alone.

    largest: the side, in pixels, up to which the network is asked; the faces it learnt from are
    that large when they are whole. A face enters upright and at its own size, in a square grown to
    a side that the network takes.
    """
    faces = [EnlargedFace(square, None) for square in squares]
    return [
        replace(face, pixels=_by_network(image, face.square, network, device))
        if face.side <= largest
        else face
        for face in faces
    ]


def with_faces(image: np.ndarray, faces: Sequence[EnlargedFace], scale: int) -> np.ndarray:
    """The picture enlarged by bicubic interpolation, with the network's faces in it.

    A face fades into the picture at its edges, though not at the border of the picture.
    """
    height, width = (scale * length for length in image.shape[:2])
    picture = bicubic(image[None], height, width)[0]
    for face in faces:
        if face.pixels is not None:
            x0, y0 = (scale * low for low in face.square.box[:2])
            _paste(picture, face.square.turned_back(face.pixels), x0, y0)
    return picture


def fitting_side(network: Network, side: int) -> int:
    """The least side from `side` on, in pixels, of faces that can enter the network.

    Raises ValueError where there is none nearby.
    """
    for larger in range(side, side + MOST_GROWTH):
        try:
            network.config.check(network.scale, larger)
        except ValueError:
            continue
        return larger
    raise ValueError(f"{network.kind()} takes no face of {side} to {side + MOST_GROWTH} px")


def _by_network(image: np.ndarray, square: Square, network: Network, device: str) -> np.ndarray:
    x0, y0, x1, y1 = square.box
    height, width = (y1 - y0, x1 - x0)[:: -1 if square.turn % 180 else 1]  # of the upright face
    side = fitting_side(network, max(width, height))
    top, left = (side - height) // 2, (side - width) // 2
    around = np.roll((top, left, side - height - top, side - width - left), -square.turn // 90)
    above, before, below, behind = (int(pixels) for pixels in around)  # in the picture as it is
    grown = replace(square, box=(x0 - before, y0 - above, x1 + behind, y1 + below))
    sr, _ = upscale(network, to_planes(grown.cut(image)[None], device))
    rows = slice(network.scale * top, network.scale * (top + height))
    columns = slice(network.scale * left, network.scale * (left + width))
    return to_bytes(sr)[0][rows, columns]


def _paste(picture: np.ndarray, face: np.ndarray, x0: int, y0: int) -> None:
    """Blend a face into the picture, its upper left corner at (x0, y0), in place."""
    height, width = face.shape[:2]
    rows = slice(max(-y0, 0), min(height, picture.shape[0] - y0))
    columns = slice(max(-x0, 0), min(width, picture.shape[1] - x0))
    fades = _ramp(height, y0 > 0, y0 + height < picture.shape[0])[:, None]
    fades = fades * _ramp(width, x0 > 0, x0 + width < picture.shape[1])
    weights = fades[rows, columns, None]
    part = picture[y0 + rows.start : y0 + rows.stop, x0 + columns.start : x0 + columns.stop]
    part[:] = np.rint(part + weights * (face[rows, columns].astype(np.float32) - part))


def _ramp(length: int, low: bool, high: bool) -> np.ndarray:
    """Weights along a side: 0 outside the edges, 1 from the margin on, a cosine between.

    low, high: whether it fades at its first and at its last pixel; else it is 1 there.
    """
    places = np.arange(length, dtype=np.float32) + 0.5
    far = np.full(length, np.inf, np.float32)
    inside = np.minimum(places if low else far, length - places if high else far)
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(inside / (MARGIN * length), 1))
