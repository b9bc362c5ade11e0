"""Cropped faces with landmarks from decoded photographs, or the reasons for rejection.

There are two steps: find the landmarks of many photographs at once (`wnet.landmarks.looks`), then
crop. Each photograph is processed independently of the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from wnet.crops.rules import NotSquare, crop_box, cut_out
from wnet.crops.settings import WHOLE, Extraction
from wnet.data.resize import bicubic
from wnet.landmarks.finder import LandmarkFinder
from wnet.landmarks.ibug68 import disagreement
from wnet.landmarks.looks import Faces, find_faces
from wnet.landmarks.settings import Looks
from wnet.landmarks.turns import Turn

REASONS = (
    "unreadable",
    "oversized",
    "no decoder",
    "copy",
    "no face",
    "implausible landmarks",
    "landmarks disagree",
    "no annotation",
    "outside",
    "not square",
    "too small",
)


class Rejected(Exception):
    """A photograph is rejected; `reason` is one of REASONS."""

    def __init__(self, reason: str, detail: str):
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class Annotation:
    """CelebA's annotation of a photograph: a box x, y, width, height, and five points (10,)."""

    box: np.ndarray | None = None
    points: np.ndarray | None = None


@dataclass(frozen=True)
class Face:
    """A cropped face.

    Attributes:
        hr: (R, R, 3) uint8 RGB. points: (68, 2) float32 x, y in pixels of `hr`, NaN if none were
            found.
        turn: degrees by which the photograph was rotated counterclockwise.
        box: (4,) int32 x0, y0, x1, y1 of the crop in the photograph so rotated.
        faces: the number of faces that the detector found in the photograph.
    """

    hr: np.ndarray
    points: np.ndarray
    turn: int
    box: np.ndarray
    faces: int

    @property
    def enlarged(self) -> bool:
        """Whether the face has fewer pixels in the photograph than in `hr`, so that it is no ground
        truth."""
        return bool((self.box[2:] - self.box[:2]).min() < len(self.hr))


def find_landmarks(
    images: Sequence[np.ndarray],
    annotations: Sequence[Annotation],
    finder: LandmarkFinder,
    rule: str,
    looks: Looks,
) -> list[Faces]:
    """The landmarks of one face in each photograph, or of all faces.

    A photograph that is already cropped is treated as one face, and is not rotated.
    """
    if rule in WHOLE:
        looks = looks.model_copy(update={"faces": "largest", "turns": ()})
    return find_faces(images, [each.box for each in annotations], finder, looks)


def cut_faces(
    image: np.ndarray, found: Faces, settings: Extraction, annotation: Annotation
) -> Iterator[tuple[int, Face | Rejected]]:
    """Crop and resize the faces of a photograph, by rank; raises Rejected.

    If the landmarks of the annotated face contradict its annotation, they are rejected. Under the
    rules `as_is` and `centre` no photograph is rejected for its landmarks.
    """
    whole = settings.rule in WHOLE
    known = {face.rank: face for face in found.plausible}
    for rank in [0] if whole else sorted({0, *known, *found.implausible}):
        official = annotation if rank == 0 else Annotation()
        try:
            if rank in known:
                face = known[rank]
                yield rank, _cut(image, face.points, face.turn, found.count, settings, official)
            elif whole:
                yield rank, _cut(image, None, 0, found.count, settings, official)
            elif rank in found.implausible:
                raise Rejected("implausible landmarks", found.implausible[rank])
            else:
                raise Rejected("no face", "the detector found no face")
        except Rejected as error:
            yield rank, error


def _cut(
    image: np.ndarray,
    points: np.ndarray | None,
    degrees: int,
    count: int,
    settings: Extraction,
    official: Annotation,
) -> Face:
    turn = Turn(degrees, image.shape[:2])
    image, box = turn.quartered(image), official.box
    box = None if box is None else turn.quarter_box(box)
    if settings.rule not in WHOLE and official.points is not None:
        _check_landmarks(points, settings, turn, official.points, count)
    try:
        square = crop_box(settings, image.shape[:2], points, box)
    except NotSquare as error:
        raise Rejected("not square", str(error)) from error
    except ValueError as error:
        raise Rejected("no annotation", str(error)) from error
    _check_box(square, image.shape[:2], settings)
    hr, inside = _resized(image, square, points, settings.resolution)
    return Face(hr, inside, degrees, np.array(square, np.int32), count)


def _check_landmarks(
    points: np.ndarray, settings: Extraction, turn: Turn, five: np.ndarray, count: int
) -> None:
    official = turn.quarter_points(np.asarray(five, np.float64).reshape(5, 2))
    distance = disagreement(points, official.ravel())
    if distance > settings.max_disagreement:
        raise Rejected(
            "landmarks disagree",
            f"{distance:.3f} eye distances from the official points, {count} faces",
        )


def _check_box(
    box: tuple[int, int, int, int], shape: tuple[int, int], settings: Extraction
) -> None:
    x0, y0, x1, y1 = box
    if x0 >= shape[1] or y0 >= shape[0] or x1 <= 0 or y1 <= 0 or x1 <= x0 or y1 <= y0:
        raise Rejected("outside", f"the crop {box} is outside the photograph")
    if (x1 - x0) * (y1 - y0) > 4 * settings.max_pixels:
        raise Rejected("outside", f"the crop {box} is far larger than the largest photograph")
    side = min(x1 - x0, y1 - y0)
    if side < settings.least_side:
        raise Rejected(
            "too small", f"the crop is {side} pixels wide, less than {settings.least_side}"
        )


def _resized(
    image: np.ndarray, box: tuple[int, int, int, int], points: np.ndarray | None, resolution: int
) -> tuple[np.ndarray, np.ndarray]:
    hr = bicubic(cut_out(image, box)[None], resolution, resolution)[0]
    corner = np.array(box[:2], np.float64)
    sides = np.array([box[2] - box[0], box[3] - box[1]], np.float64)
    if points is None:
        return hr, np.full((68, 2), np.nan, np.float32)
    # A pixel's centre is half a pixel right of and below its index, in both pictures.
    return hr, ((points - corner + 0.5) * resolution / sides - 0.5).astype(np.float32)
