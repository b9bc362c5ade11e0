"""Annotations of photographs: CelebA's files, and lists named in params.yaml.

https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html. CelebA's files are found where they are unpacked
(`Anno/`, `Eval/`), in the zip file with the photographs, in upper case, and as Kaggle's CSV files.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

import numpy as np

from wnet.photographs.decoder import decoder
from wnet.photographs.folder import Photographs
from wnet.photographs.lists import Listed, Row, read_list
from wnet.photographs.names import Match, match
from wnet.photographs.refusals import UnreadableImage

BOXES = "list_bbox_celeba"  # x, y, width, height of the face in the uncropped photograph
POINTS = "list_landmarks_celeba"  # x, y of eyes, nose, mouth corners, left first
ALIGNED_POINTS = "list_landmarks_align_celeba"  # the same in the aligned photographs
ATTRIBUTES = "list_attr_celeba"
IDENTITIES = "identity_celeba"
PARTITION = "list_eval_partition"  # 0 train, 1 validation, 2 test
_KNOWN = (BOXES, POINTS, ALIGNED_POINTS, ATTRIBUTES, IDENTITIES, PARTITION)
_ENDINGS = ("", ".txt", ".csv", ".tsv")
_ALIGNED = (218, 178)  # height and width of the aligned photographs
_FEW = 8
_FARTHEST = 1e6  # pixels from a corner of a photograph


@dataclass(frozen=True)
class Annotation:
    """CelebA's boxes (4,) and points (10,) by photograph, and the `matches` of their files."""

    boxes: dict[str, np.ndarray]
    points: dict[str, np.ndarray]
    matches: dict[str, Match]


def read_annotation(photographs: Photographs, max_pixels: int) -> Annotation:
    """The annotations of these photographs; empty if there are none.

    For its aligned photographs, CelebA has separate points, and no boxes. Raises ValueError as
    `read_list` and `match` do.
    """
    files = {kind: official(photographs, kind) for kind in (BOXES, POINTS, ALIGNED_POINTS)}
    if not any(files.values()):
        return Annotation({}, {}, {})
    aligned = _are_aligned(photographs, max_pixels)
    kinds = {"points": ALIGNED_POINTS} if aligned else {"boxes": BOXES, "points": POINTS}
    numbers: dict[str, dict[str, np.ndarray]] = {"boxes": {}, "points": {}}
    matches = {}
    for what, kind in kinds.items():
        if file := files[kind]:
            matches[what] = read_numbers(photographs, file, 4 if what == "boxes" else 10)
            numbers[what] = {
                name: _place(row, matches[what].listed) for name, row in matches[what].rows.items()
            }
    return Annotation(numbers["boxes"], numbers["points"], matches)


def official(photographs: Photographs, kind: str) -> str | None:
    """CelebA's file of this kind among the other files; raises ValueError if there are several."""
    found = [name for name in photographs.others if _is_kind(name, kind)]
    if len(found) > 1:
        raise ValueError(
            f"{photographs.where(found[0])} and {photographs.where(found[1])}: two files of one"
            " list; keep one of them"
        )
    return found[0] if found else None


def named(photographs: Photographs, path: str) -> str:
    """The file that params.yaml names by a path below the folder.

    It is the file with exactly this path, or else the only one with this file name, in any case and
    folder. Raises FileNotFoundError or ValueError.
    """
    if path in photographs.others:
        return path
    file = PurePosixPath(path).name.casefold()
    found = [name for name in photographs.others if PurePosixPath(name).name.casefold() == file]
    if len(found) > 1:
        raise ValueError(
            f"{photographs.folder / path}: no such file, but {len(found)} in other folders"
            f" have this name: {', '.join(found[:3])}; name one of them"
        )
    if not found:
        raise FileNotFoundError(
            f"{photographs.folder / path}: no such file, which params.yaml names; the others in"
            f" this dataset are: {', '.join(photographs.others[:5]) or 'none'}"
        )
    return found[0]


def read_numbers(photographs: Photographs, file: str, columns: int | None) -> Match:
    """The rows of a list of numbers, by photograph; columns: as in `read_list`."""
    return _match(photographs, file, columns, numeric=True)


def read_words(photographs: Photographs, file: str, columns: int | None) -> Match:
    """The rows of a list of words, so many in each, by photograph."""
    return _match(photographs, file, columns, numeric=False)


def unused(photographs: Photographs, used: Iterable[Match]) -> list[str]:
    """Files that are CelebA's, judged by their names, but not used."""
    clearly = [photographs.where(name) for name in photographs.others if _is_celebas(name)]
    return sorted(set(clearly).difference(found.listed.where for found in used))


def _match(photographs: Photographs, file: str, columns: int | None, numeric: bool) -> Match:
    where = photographs.where(file)
    listed = read_list(photographs.read_other(file), where, columns, numeric)
    return match(listed, photographs.names)


def _are_aligned(photographs: Photographs, max_pixels: int) -> bool:
    """Whether the photographs have the shape of CelebA's aligned ones, judged by a few."""
    bounded = decoder(max_pixels)
    few = photographs.names[:: -(-len(photographs.names) // _FEW)]
    made = bounded.decode_all(few, partial(photographs.read, most=bounded.bounds.bytes))
    shapes = {image.shape[:2] for image in made if not isinstance(image, UnreadableImage)}
    return shapes == {_ALIGNED}


def _is_kind(name: str, kind: str) -> bool:
    path = PurePosixPath(name.casefold())
    return path.stem == kind and path.suffix in _ENDINGS


def _is_celebas(name: str) -> bool:
    file = PurePosixPath(name).name.casefold()
    return "celeba" in file or any(kind in file for kind in _KNOWN)


def _place(row: Row, listed: Listed) -> np.ndarray:
    place = np.array([float(value) for value in row.values])
    if not (np.abs(place) < _FARTHEST).all():
        raise ValueError(
            f"{listed.where}:{row.line}: not a position in a photograph: {row.name}"
            f" {' '.join(row.values)}"
        )
    return place
