"""The LR faces of any picture: what a trained network can be given of it."""

from dataclasses import dataclass

import numpy as np

from wnet.crops.rules import Box, crop_box, cut_out
from wnet.crops.settings import WHOLE, CropRule
from wnet.data.resize import bicubic
from wnet.landmarks.finder import LandmarkFinder
from wnet.landmarks.ibug68 import in_sixteenths


@dataclass(frozen=True)
class InputFace:
    """One face of a picture.

    Attributes:
        lr: (r, r, 3) uint8 RGB. hr: (R, R, 3) uint8, what there is of it at the size of the
            reconstruction; None where the picture holds less.
        side: of the face's square in the picture, in pixels.
    """

    lr: np.ndarray
    hr: np.ndarray | None
    side: int


def input_faces(
    image: np.ndarray,
    rule: CropRule,
    landmarks: LandmarkFinder,
    resolution: int,
    lr_side: int,
) -> list[InputFace]:
    """The faces of an (H, W, 3) uint8 RGB picture, the largest first, as the network knows them.

    A picture of lr_side x lr_side pixels is an LR face as it is. In any other a square of at least
    `resolution` pixels becomes the HR face and then the LR face, as for training; a smaller one
    becomes the LR face at once.
    """
    if image.shape[:2] == (lr_side, lr_side):
        return [InputFace(image, None, lr_side)]
    boxes = face_boxes(image, rule, landmarks, lr_side)
    return [_face(cut_out(image, box), resolution, lr_side) for box in boxes]


def face_boxes(
    image: np.ndarray, rule: CropRule, landmarks: LandmarkFinder, lr_side: int
) -> list[Box]:
    """Squares around the faces of an (H, W, 3) uint8 RGB picture, the largest first.

    A picture of lr_side x lr_side pixels is one face. In any other, faces are found, and cropped by
    the rule that the network's own faces were cropped by: by `landmarks` instead of `celeba_bbox`,
    whose boxes a picture does not have; `as_is` and `centre`: one face, the whole picture or its
    central square. Raises NotSquare.
    """
    height, width = image.shape[:2]
    if (height, width) == (lr_side, lr_side):
        return [(0, 0, width, height)]
    if rule.rule == "celeba_bbox":
        rule = rule.model_copy(update={"rule": "landmarks"})
    return [
        crop_box(rule, (height, width), points, None) for points in _points(image, rule, landmarks)
    ]


def _points(image: np.ndarray, rule: CropRule, landmarks: LandmarkFinder) -> list:
    """Landmarks of every face, the largest first; one face without any under `as_is`."""
    if rule.rule in WHOLE:
        return [None]
    (boxes,) = landmarks.detect([image])
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    ordered = boxes[np.argsort(-areas, kind="stable")]
    return list(in_sixteenths(landmarks.predict([image] * len(ordered), ordered)))


def _face(pixels: np.ndarray, resolution: int, lr_side: int) -> InputFace:
    side = min(pixels.shape[:2])
    if side < resolution:
        return InputFace(bicubic(pixels[None], lr_side, lr_side)[0], None, side)
    hr = bicubic(pixels[None], resolution, resolution)
    return InputFace(bicubic(hr, lr_side, lr_side)[0], hr[0], side)
