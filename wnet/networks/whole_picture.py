"""Enlargement of whole pictures: faces by the network, everything else by bicubic."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wnet.crops.input_faces import Square
from wnet.data.pixels import to_bytes, to_planes
from wnet.data.resize import bicubic
from wnet.networks.network import Network, upscale

MARGIN = 1 / 8  # fraction of a face's side over which it is blended into the picture at each edge
MOST_GROWTH = 256  # the most pixels that a square may grow by to fit a network


@dataclass(frozen=True)
class EnlargedFace:
    """One face of a picture.

    Attributes:
        square: its position.
        pixels: (side * scale, side * scale, 3) uint8 RGB, upright, from the network; None if the
            face is larger than the faces of the network's training and is enlarged by bicubic.
    """

    square: Square
    pixels: np.ndarray | None

    @property
    def side(self) -> int:
        """The side of its square, in pixels of the picture."""
        return self.square.box[2] - self.square.box[0]


def enlarge(
    image: np.ndarray, squares: Sequence[Square], network: Network, largest: int, device: str
) -> tuple[np.ndarray, list[EnlargedFace]]:
    """Enlarge an (H, W, 3) uint8 RGB picture by `network.scale`; also returns its faces."""
    faces = enlarge_faces(image, squares, network, largest, device)
    return with_faces(image, faces, network.scale), faces


def enlarge_faces(
    image: np.ndarray, squares: Sequence[Square], network: Network, largest: int, device: str
) -> list[EnlargedFace]:
    """Enlarge only the faces of an (H, W, 3) uint8 RGB picture.

    largest: the largest side, in pixels, that the network enlarges: that of the faces in its
    training. A face enters upright and at its own size, in a square grown to a side that the
    network accepts.
    """
    faces = [EnlargedFace(square, None) for square in squares]
    return [
        replace(face, pixels=_by_network(image, face.square, network, device))
        if face.side <= largest
        else face
        for face in faces
    ]


def with_faces(image: np.ndarray, faces: Sequence[EnlargedFace], scale: int) -> np.ndarray:
    """The picture enlarged by bicubic interpolation, with the network's faces pasted in.

    A face is blended at its edges, but not at the border of the picture.
    """
    height, width = (scale * length for length in image.shape[:2])
    picture = bicubic(image[None], height, width)[0]
    for face in faces:
        if face.pixels is not None:
            x0, y0 = (scale * low for low in face.square.box[:2])
            _paste(picture, face.square.turned_back(face.pixels), x0, y0)
    return picture


def fitting_side(network: Network, side: int) -> int:
    """The smallest side that the network accepts, in pixels, not less than `side`.

    Raises ValueError if there is none within MOST_GROWTH.
    """
    for larger in range(side, side + MOST_GROWTH):
        try:
            network.config.check(network.scale, larger)
        except ValueError:
            continue
        return larger
    raise ValueError(f"{network.kind()} accepts no face of {side} to {side + MOST_GROWTH} px")


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
    """Blend a face into the picture, in place, with its upper left corner at (x0, y0)."""
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

    low, high: whether the weights fade at the first and at the last pixel; if not, they are 1.
    """
    places = np.arange(length, dtype=np.float32) + 0.5
    far = np.full(length, np.inf, np.float32)
    inside = np.minimum(places if low else far, length - places if high else far)
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(inside / (MARGIN * length), 1))
