"""The crop rules: the square of a photograph that becomes the high-resolution face.

Boxes are (x0, y0, x1, y1) in whole pixels, x1 and y1 excluded; they may extend beyond the
photograph until a policy for its border has been applied.
"""

import numpy as np

from wnet.crops.settings import WHOLE, Border, CropRule

Box = tuple[int, int, int, int]


class NotSquare(Exception):
    """The photograph is not square and would be distorted."""


def crop_box(
    how: CropRule, shape: tuple[int, int], points: np.ndarray | None, official: np.ndarray | None
) -> Box:
    """The square around one face in a photograph of (height, width).

    points: (68, 2) x, y; official: CelebA's x, y, width, height. Raises ValueError if the rule
    needs one that is missing, and NotSquare.
    """
    height, width = shape
    if how.rule == "as_is" and width != height:
        raise NotSquare(
            f"{width} x {height} pixels, and the rule as_is needs square ones; centre crops them"
        )
    if how.rule in WHOLE:
        side = min(width, height)
        x0, y0 = (width - side) // 2, (height - side) // 2
        return (x0, y0, x0 + side, y0 + side)
    if how.rule == "celeba_bbox":
        if official is None:
            raise ValueError("the rule celeba_bbox needs a row in list_bbox_celeba.txt")
        _check_inside(official, height, width)
        box = _dic_square(official, how.dic_expansion)
    else:
        if points is None:
            raise ValueError(f"the rule {how.rule} needs landmarks")
        low, high = points.min(axis=0), points.max(axis=0)
        if how.rule == "landmarks":
            box = _landmark_square(low, high, how.extent, how.lift)
        else:
            box = _dic_square(np.concatenate([low, high - low]), how.dic_expansion)
    return _at_border(box, how.border, height, width)


def cut_out(image: np.ndarray, box: Box) -> np.ndarray:
    """The pixels of a box; outside the image, the nearest pixel is repeated."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = box
    inside = image[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
    if inside.shape[:2] == (y1 - y0, x1 - x0):
        return inside
    rows = np.clip(np.arange(y0, y1), 0, height - 1)
    columns = np.clip(np.arange(x0, x1), 0, width - 1)
    return image.take(rows, axis=0).take(columns, axis=1)


def _check_inside(official: np.ndarray, height: int, width: int) -> None:
    """Raise ValueError for a box of another photograph. CelebA's boxes are for its uncropped
    photographs, not for the aligned or for reduced ones."""
    corner, sides = official[:2], official[2:]
    inside = np.clip(np.minimum(corner + sides, (width, height)) - np.maximum(corner, 0), 0, None)
    if 2 * inside.prod() <= sides.prod():
        raise ValueError(
            f"most of the official box {official.tolist()} is outside {width} x {height} pixels:"
            " it is of another photograph"
        )


def _landmark_square(low: np.ndarray, high: np.ndarray, extent: float, lift: float) -> Box:
    longest = float((high - low).max())
    side = int(extent * longest)
    centre = (low + high) / 2 - (0.0, lift * longest)
    x0, y0 = (int(np.floor(value - side / 2)) for value in centre)
    return (x0, y0, x0 + side, y0 + side)


def _dic_square(official: np.ndarray, expansion: float) -> Box:
    x, y, width, height = (int(value) for value in official)
    side = min(width, height)
    grow = int(side * expansion / 2)
    x0, y0 = x + (width - side) // 2 - grow, y + (height - side) // 2 - grow
    return (x0, y0, x0 + side + 2 * grow, y0 + side + 2 * grow)


def _at_border(box: Box, border: Border, height: int, width: int) -> Box:
    x0, y0, x1, y1 = box
    match border:
        case "clip":
            return (max(x0, 0), max(y0, 0), min(x1, width), min(y1, height))
        case "shift":
            dx, dy = _shift(x0, x1, width), _shift(y0, y1, height)
            return (x0 + dx, y0 + dy, x1 + dx, y1 + dy)
        case "pad":
            return box


def _shift(low: int, high: int, length: int) -> int:
    """How far an interval must move to be in [0, length), or centred if it is longer."""
    if high - low > length:
        return (length - (high - low)) // 2 - low
    return max(0, -low) - max(0, high - length)
