"""LR faces from any picture, as inputs of a trained network."""

from dataclasses import dataclass

import numpy as np

from wnet.crops.rules import Box, crop_box, cut_out
from wnet.crops.settings import WHOLE, CropRule
from wnet.data.resize import bicubic
from wnet.landmarks.finder import LandmarkFinder
from wnet.landmarks.looks import find_faces
from wnet.landmarks.settings import Looks
from wnet.landmarks.turns import Turn


@dataclass(frozen=True)
class Square:
    """The position of a face in a picture.

    Attributes:
        box: in the picture as it is; it may extend beyond the border.
        turn: degrees by which the picture is rotated counterclockwise to make the face upright; a
            multiple of 90.
    """

    box: Box
    turn: int = 0

    def upright(self, pixels: np.ndarray) -> np.ndarray:
        """Rotate part of the picture, (H, W, ...), so that the face is upright."""
        return np.ascontiguousarray(np.rot90(pixels, self.turn // 90))

    def turned_back(self, pixels: np.ndarray) -> np.ndarray:
        """The inverse of `upright`."""
        return np.rot90(pixels, -self.turn // 90)

    def cut(self, image: np.ndarray) -> np.ndarray:
        """Crop the face, upright."""
        return self.upright(cut_out(image, self.box))


@dataclass(frozen=True)
class InputFace:
    """One face of a picture.

    Attributes:
        lr: (r, r, 3) uint8 RGB. hr: (R, R, 3) uint8, the original at the size of the
            reconstruction; None if the picture has fewer pixels.
        side: the side of the face's square in the picture, in pixels.
    """

    lr: np.ndarray
    hr: np.ndarray | None
    side: int


def input_faces(
    image: np.ndarray,
    rule: CropRule,
    looks: Looks,
    finder: LandmarkFinder,
    resolution: int,
    lr_side: int,
) -> list[InputFace]:
    """The faces of an (H, W, 3) uint8 RGB picture, the largest first, cropped as for training.

    A picture of lr_side x lr_side pixels is used as an LR face unchanged. In any other, a square of
    at least `resolution` pixels is reduced to the HR face and then to the LR face, as for training;
    a smaller one is reduced to the LR face directly.
    """
    if image.shape[:2] == (lr_side, lr_side):
        return [InputFace(image, None, lr_side)]
    squares = face_squares(image, rule, looks, finder, lr_side)
    return [_face(square.cut(image), resolution, lr_side) for square in squares]


def face_squares(
    image: np.ndarray, rule: CropRule, looks: Looks, finder: LandmarkFinder, lr_side: int
) -> list[Square]:
    """Squares around all faces of an (H, W, 3) uint8 RGB picture, the largest first.

    A picture of lr_side x lr_side pixels is one face. In any other, faces are searched for as for
    training, upright and rotated, and cropped by the rule of the network's training. `landmarks`
    replaces `celeba_bbox`, whose boxes a picture does not have; under `as_is` and `centre` the
    whole picture or its central square is one face. Raises NotSquare.
    """
    shape = image.shape[:2]
    if shape == (lr_side, lr_side):
        return [Square((0, 0, lr_side, lr_side))]
    if rule.rule in WHOLE:
        return [Square(crop_box(rule, shape, None, None))]
    if rule.rule == "celeba_bbox":
        rule = rule.model_copy(update={"rule": "landmarks"})
    (found,) = find_faces([image], [None], finder, looks.model_copy(update={"faces": "all"}))
    return [_square(rule, shape, face.points, face.turn) for face in found.plausible]


def _square(rule: CropRule, shape: tuple[int, int], points: np.ndarray, turn: int) -> Square:
    """The square around landmarks in a picture of `shape` that was rotated."""
    seen = shape[::-1] if turn % 180 else shape
    x0, y0, x1, y1 = crop_box(rule, seen, points, None)
    back = Turn((360 - turn) % 360, seen).quarter_box(np.array([x0, y0, x1 - x0, y1 - y0]))
    x, y, width, height = (int(value) for value in back)
    return Square((x, y, x + width, y + height), turn)


def _face(pixels: np.ndarray, resolution: int, lr_side: int) -> InputFace:
    side = min(pixels.shape[:2])
    if side < resolution:
        return InputFace(bicubic(pixels[None], lr_side, lr_side)[0], None, side)
    hr = bicubic(pixels[None], resolution, resolution)
    return InputFace(bicubic(hr, lr_side, lr_side)[0], hr[0], side)
