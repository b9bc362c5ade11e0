"""One photograph to one cropped face with its landmarks, or the reason why there is none."""

from dataclasses import dataclass

import numpy as np

from wnet.data.images import OversizedImage, UnreadableImage, decode
from wnet.data.resize import bicubic
from wnet.faces.cropping import CropRule, crop_box, cut_out
from wnet.faces.landmarks import DlibLandmarks, choose_face, disagreement

REASONS = (
    "unreadable",
    "oversized",
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


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """What is made of every photograph.

    Attributes:
        crop: the crop rule. resolution: side of the square face, in pixels.
        min_side: shortest side of the crop in the photograph that is still taken.
        max_pixels: photographs that declare more are not decoded.
        max_disagreement: largest distance to CelebA's five points, in distances of the eyes.
    """

    crop: CropRule
    resolution: int
    min_side: int
    max_pixels: int
    max_disagreement: float


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


def extract_face(
    data: bytes,
    settings: Extraction,
    landmarks: DlibLandmarks,
    official_box: np.ndarray | None,
    official_points: np.ndarray | None,
) -> Face:
    """Decode a photograph, find its face and the 68 landmarks, crop and resize.

    official_box, official_points: CelebA's annotation of this photograph, where there is one. It
    decides which of several faces is meant, and rejects landmarks that contradict it. Under the
    rule `as_is` no photograph that can be read is rejected. Raises Rejected.
    """
    image = _decoded(data, settings.max_pixels)
    points, faces = _landmarks(image, landmarks, official_box)
    whole = settings.crop.rule == "as_is"
    if not whole:
        _check_landmarks(points, faces, settings, official_points)
    try:
        box = crop_box(settings.crop, image.shape[:2], points, official_box)
    except ValueError as error:
        raise Rejected("no annotation", str(error)) from error
    if not whole:
        _check_box(box, image.shape[:2], settings.min_side)
    return _face(image, box, points, faces, settings.resolution)


def _decoded(data: bytes, max_pixels: int) -> np.ndarray:
    try:
        return decode(data, max_pixels)
    except OversizedImage as error:
        raise Rejected("oversized", str(error)) from error
    except UnreadableImage as error:
        raise Rejected("unreadable", str(error)) from error


def _landmarks(
    image: np.ndarray, landmarks: DlibLandmarks, official_box: np.ndarray | None
) -> tuple[np.ndarray | None, int]:
    boxes = landmarks.detect(image)
    if len(boxes) == 0:
        return None, 0
    return landmarks.predict(image, boxes[choose_face(boxes, official_box)]), len(boxes)


def _check_landmarks(
    points: np.ndarray | None, faces: int, settings: Extraction, official: np.ndarray | None
) -> None:
    if points is None:
        raise Rejected("no face", "the detector found no face")
    if official is not None:
        distance = disagreement(points, official)
        if distance > settings.max_disagreement:
            raise Rejected(
                "landmarks disagree",
                f"{distance:.3f} of the eyes' distance from the official points, {faces} faces",
            )


def _check_box(box: tuple[int, int, int, int], shape: tuple[int, int], min_side: int) -> None:
    x0, y0, x1, y1 = box
    if x0 >= shape[1] or y0 >= shape[0] or x1 <= 0 or y1 <= 0 or x1 <= x0 or y1 <= y0:
        raise Rejected("outside", f"the crop {box} lies outside the photograph")
    side = min(x1 - x0, y1 - y0)
    if side < max(min_side, 1):
        raise Rejected("too small", f"the crop is {side} pixels wide, less than {min_side}")


def _face(
    image: np.ndarray,
    box: tuple[int, int, int, int],
    points: np.ndarray | None,
    faces: int,
    resolution: int,
) -> Face:
    hr = bicubic(cut_out(image, box)[None], resolution, resolution)[0]
    corner = np.array(box[:2], np.float64)
    sides = np.array([box[2] - box[0], box[3] - box[1]], np.float64)
    if points is None:
        inside = np.full((68, 2), np.nan, np.float32)
    else:
        # A pixel's centre lies half a pixel right of and below its index, in both pictures.
        inside = ((points - corner + 0.5) * resolution / sides - 0.5).astype(np.float32)
    return Face(hr, inside, np.array(box, np.int32), faces)
