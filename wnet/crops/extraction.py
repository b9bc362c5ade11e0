"""Decoded photographs to cropped faces with their landmarks, or the reasons why there are none.

Two steps: find the landmarks of many photographs at once, cut out. Each photograph stands for
itself: what becomes of it does not depend on those beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wnet.crops.rules import crop_box, cut_out
from wnet.crops.settings import Extraction
from wnet.data.resize import bicubic
from wnet.landmarks.finder import LandmarkFinder, choose_face
from wnet.landmarks.ibug68 import disagreement, in_sixteenths

REASONS = (
    "unreadable",
    "oversized",
    "no decoder",
    "copy",
    "no face",
    "landmarks disagree",
    "no annotation",
    "outside",
    "too small",
)


class Rejected(Exception):
    """A photograph of which no face is made; `reason` is one of REASONS."""

    def __init__(self, reason: str, detail: str):
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class Face:
    """A cropped face.

    Attributes:
        hr: (R, R, 3) uint8 RGB. points: (68, 2) float32 x, y in pixels of `hr`, NaN where none
            were found. box: (4,) int32 x0, y0, x1, y1 of the crop in the upright photograph.
        faces: how many faces the detector found in the photograph.
    """

    hr: np.ndarray
    points: np.ndarray
    box: np.ndarray
    faces: int


@dataclass(frozen=True)
class Found:
    """The landmarks (68, 2) of a photograph's face, None where there is none, of so many faces."""

    points: np.ndarray | None
    faces: int


def find_landmarks(
    images: Sequence[np.ndarray],
    official_boxes: Sequence[np.ndarray | None],
    finder: LandmarkFinder,
) -> list[Found]:
    """The landmarks of one face in each photograph, in sixteenths of a pixel.

    official_boxes: CelebA's annotations, where there are any; they decide which of several faces is
    meant.
    """
    found = finder.detect(images)
    rows = [row for row, boxes in enumerate(found) if len(boxes)]
    chosen = [found[row][choose_face(found[row], official_boxes[row])] for row in rows]
    points = in_sixteenths(finder.predict([images[row] for row in rows], chosen))
    of_row = dict(zip(rows, points, strict=True))
    return [Found(of_row.get(row), len(boxes)) for row, boxes in enumerate(found)]


def cut_face(
    image: np.ndarray,
    found: Found,
    settings: Extraction,
    official_box: np.ndarray | None,
    official_points: np.ndarray | None,
) -> Face:
    """Crop the face of a photograph and resize it.

    official_box, official_points: CelebA's annotation of this photograph, where there is one; it
    rejects landmarks that contradict it. Under the rule `as_is` no photograph is rejected. Raises
    Rejected.
    """
    whole = settings.rule == "as_is"
    if not whole:
        _check_landmarks(found, settings, official_points)
    try:
        box = crop_box(settings, image.shape[:2], found.points, official_box)
    except ValueError as error:
        raise Rejected("no annotation", str(error)) from error
    if not whole:
        _check_box(box, image.shape[:2], settings)
    return _face(image, box, found, settings.resolution)


def _check_landmarks(found: Found, settings: Extraction, official: np.ndarray | None) -> None:
    if found.points is None:
        raise Rejected("no face", "the detector found no face")
    if official is not None:
        distance = disagreement(found.points, official)
        if distance > settings.max_disagreement:
            raise Rejected(
                "landmarks disagree",
                f"{distance:.3f} of the eyes' distance from the official points,"
                f" {found.faces} faces",
            )


def _check_box(
    box: tuple[int, int, int, int], shape: tuple[int, int], settings: Extraction
) -> None:
    x0, y0, x1, y1 = box
    if x0 >= shape[1] or y0 >= shape[0] or x1 <= 0 or y1 <= 0 or x1 <= x0 or y1 <= y0:
        raise Rejected("outside", f"the crop {box} lies outside the photograph")
    if (x1 - x0) * (y1 - y0) > 4 * settings.max_pixels:
        raise Rejected("outside", f"the crop {box} is far larger than a photograph may be")
    side = min(x1 - x0, y1 - y0)
    if side < max(settings.min_side, 1):
        raise Rejected(
            "too small", f"the crop is {side} pixels wide, less than {settings.min_side}"
        )


def _face(image: np.ndarray, box: tuple[int, int, int, int], found: Found, resolution: int) -> Face:
    hr = bicubic(cut_out(image, box)[None], resolution, resolution)[0]
    corner = np.array(box[:2], np.float64)
    sides = np.array([box[2] - box[0], box[3] - box[1]], np.float64)
    if found.points is None:
        inside = np.full((68, 2), np.nan, np.float32)
    else:
        # A pixel's centre lies half a pixel right of and below its index, in both pictures.
        inside = ((found.points - corner + 0.5) * resolution / sides - 0.5).astype(np.float32)
    return Face(hr, inside, np.array(box, np.int32), found.faces)
