"""The search for faces in a photograph: upright, enlarged and rotated until one is plausible.

A detector has false detections, and a predictor places 68 landmarks on anything. Landmarks are
plausible if they have about the shape, position and size of an upright face in their box, and if
they stay where they are when the box is shifted a little (`Predictor.instability`), unless the
detector's score alone is that of an upright face.

With dlib, all 489 faces found in 502 photographs are kept. Of the same photographs rotated by 180
degrees, 99 were cropped upside down without these checks; with them, 2 of every fifth (101) are.
With YuNet, none of 384 photographs is rotated wrongly. The limits were chosen on these photographs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import inf

import numpy as np

from wnet.landmarks.finder import LandmarkFinder, choose_face
from wnet.landmarks.ibug68 import in_sixteenths, similarity
from wnet.landmarks.settings import Looks
from wnet.landmarks.turns import Turn

_BETTER = 0.5  # a rotated face replaces another if its instability is less by this factor
_SURER = 0.05  # or is less at all and the detector's score is higher by so much
_RESIDUAL = 0.7  # from the mean face, in radii: profiles have up to 0.5, scattered points over 1
_COSINE = 0.5  # of a rotation by 60 degrees
_RADII = (0.15, 0.8)  # in sides of the box; faces have 0.25 to 0.45
_OFFSET = 0.5  # of the landmarks' centre from that of the box, in its sides; faces have up to 0.2
_TRIED = 3  # of the largest boxes, until one is plausible, if one face is wanted
_SAME = 0.3  # IoU above which two boxes are of the same face; or half of the smaller box is covered


@dataclass(frozen=True)
class Face:
    """A face with plausible landmarks.

    Attributes:
        points: (68, 2) float32 x, y in pixels of the photograph rotated by `turn`, rounded to
            sixteenths.
        turn: degrees by which the photograph is rotated counterclockwise to make the face upright;
            a multiple of 90.
        rank: its place among the wanted faces of the photograph, plausible or not: first the
            annotated or else the largest one, then by decreasing size.
    """

    points: np.ndarray
    turn: int
    rank: int


@dataclass(frozen=True)
class Faces:
    """The faces found in a photograph.

    Attributes:
        plausible: by rank.
        implausible: by rank, what is wrong with the landmarks of the others.
        count: the number of faces that the detector found.
    """

    plausible: tuple[Face, ...]
    implausible: dict[int, str]
    count: int


def find_faces(
    images: Sequence[np.ndarray],
    official_boxes: Sequence[np.ndarray | None],
    finder: LandmarkFinder,
    looks: Looks,
) -> list[Faces]:
    """Find one face (annotated, else largest) or all faces in each (H, W, 3) uint8 RGB picture.

    official_boxes: CelebA's annotations, or None; they decide which of several faces is wanted.
    Enlarged pictures are searched if nothing plausible was found, or always if all faces are
    wanted; rotated ones, at the size that was successful, if the faces found are not certain.
    """
    searches = [
        _Search(image, official, finder.steady)
        for image, official in zip(images, official_boxes, strict=True)
    ]
    for doublings in range(finder.upsampling + 1):
        waiting = [each for each in searches if looks.faces == "all" or not each.accepted]
        for search, *seen in _look(waiting, 0, doublings, finder, looks):
            search.add(*seen, doublings)
    for turn, doublings in product(looks.turns, range(finder.upsampling + 1)):
        waiting = [each for each in searches if not each.clear and each.doublings == doublings]
        for search, *seen in _look(waiting, turn, doublings, finder, looks):
            search.replace(*seen)
    return [search.found(looks.faces == "all") for search in searches]


@dataclass
class _Seen:
    """A box with its landmarks, and why they are implausible or else their instability."""

    points: np.ndarray
    box: np.ndarray
    score: float
    turn: int
    instability: float
    wrong: str


@dataclass
class _Search:
    """The state of the search in one photograph.

    steady: the instability below which a face is certain. seen: by rank. doublings: of the first
    search with a plausible face.
    """

    image: np.ndarray
    official: np.ndarray | None
    steady: float
    seen: list[_Seen] = field(default_factory=list)
    count: int = 0
    doublings: int = 0

    @property
    def accepted(self) -> bool:
        return any(not each.wrong for each in self.seen)

    @property
    def clear(self) -> bool:
        return self.least <= self.steady

    @property
    def least(self) -> float:
        """The lowest instability of a plausible face."""
        return min((each.instability for each in self.seen if not each.wrong), default=inf)

    @property
    def surest(self) -> float:
        """The detector's highest score of a plausible face."""
        return max((each.score for each in self.seen if not each.wrong), default=-inf)

    def add(self, seen: "list[_Seen]", count: int, doublings: int) -> None:
        """Add the faces of another search in the upright photograph; count: how many it found."""
        if not self.accepted:
            self.seen, self.count = seen or self.seen, count or self.count
            self.doublings = doublings if self.accepted else 0
            return
        new = [each for each in seen if not any(_same(each.box, old.box) for old in self.seen)]
        first = 0 if self.official is None else 1
        others = self.seen[first:] + [each for each in new if not each.wrong]
        self.seen[first:] = sorted(others, key=lambda each: -_area(each.box))
        self.count = len(self.seen)

    def replace(self, seen: "list[_Seen]", count: int) -> None:
        """Replace faces by those found in the rotated photograph where these are better.

        A detector also finds rotated faces, but with lower scores than upright ones: YuNet in 360
        of 361 photographs.
        """
        turned = _Search(self.image, None, self.steady, seen)
        surer = turned.surest - self.surest if turned.accepted and self.accepted else 0.0
        steadier = _BETTER if surer <= _SURER else 1.0
        if surer >= 0 and (turned.clear or turned.least < steadier * self.least):
            self.seen, self.count = seen, count

    def found(self, every: bool) -> Faces:
        """The result: all faces by rank, or the first plausible one."""
        seen = self.seen
        if not every:
            seen = next(([each] for each in seen if not each.wrong), seen[:1])
        return Faces(
            tuple(Face(s.points, s.turn, rank) for rank, s in enumerate(seen) if not s.wrong),
            {rank: s.wrong for rank, s in enumerate(seen) if s.wrong},
            self.count,
        )


def _look(
    searches: list[_Search], turn: int, doublings: int, finder: LandmarkFinder, looks: Looks
) -> Iterator[tuple[_Search, list[_Seen], int]]:
    """Search each photograph once; yields its search, the faces seen and the number detected.

    Landmarks are predicted for all faces, the annotated one, or those up to the first plausible.
    """
    turns = [Turn(turn, search.image.shape[:2]) for search in searches]
    images = [turned.whole(each.image) for turned, each in zip(turns, searches, strict=True)]
    boxes = finder.look(images, doublings)
    for row, search in enumerate(searches):
        if turn and boxes[row][:, 4].max(initial=-inf) < search.surest:
            boxes[row] = boxes[row][:0]  # of faces less certain than these `replace` takes none
        boxes[row] = boxes[row][_ranked(boxes[row], search.official, turns[row], images[row])]
    seen: list[list[_Seen]] = [[] for _ in searches]
    place = 0

    def next_too(row: int) -> bool:
        if looks.faces == "all" or place == 0:
            return True
        free = searches[row].official is None and place < _TRIED
        return free and all(each.wrong for each in seen[row])

    while rows := [row for row, own in enumerate(boxes) if len(own) > place and next_too(row)]:
        chosen = [boxes[row][place] for row in rows]
        found = in_sixteenths(
            finder.predict([images[row] for row in rows], [box[:4] for box in chosen])
        )
        for row, box, points in zip(rows, chosen, found, strict=True):
            instability = _instability(images[row], box, points, finder)
            seen[row].append(
                _Seen(
                    turns[row].rest_undone(points, images[row].shape[:2]),
                    box[:4],
                    float(box[4]),
                    90 * turns[row].quarters,
                    instability,
                    _wrong(box, points, instability, looks.max_instability),
                )
            )
        place += 1
    return zip(searches, seen, map(len, boxes), strict=True)


def _ranked(
    boxes: np.ndarray, official: np.ndarray | None, turn: Turn, image: np.ndarray
) -> np.ndarray:
    """The boxes, the largest first; an annotated face precedes them."""
    order = np.argsort(-_area(boxes.T), kind="stable")
    if official is None or not len(boxes):
        return order
    x, y, width, height = turn.quarter_box(official)
    corners = np.array([(x, y), (x + width, y), (x, y + height), (x + width, y + height)])
    corners = turn.rest_done(corners, image.shape[:2])
    low, high = corners.min(axis=0), corners.max(axis=0)
    first = choose_face(boxes[:, :4], np.concatenate([low, high - low]))
    return np.array([first, *order[order != first]])


def _instability(
    image: np.ndarray, box: np.ndarray, points: np.ndarray, finder: LandmarkFinder
) -> float:
    """The instability; 0 if the detector's score, in thousandths, is that of an upright face."""
    if round(box[4] * 1000) >= finder.upright_score * 1000:
        return 0.0
    return finder.instability(image, box[:4], points)


def _wrong(box: np.ndarray, points: np.ndarray, instability: float, most: float) -> str:
    """Why the landmarks are not those of an upright face in the box; empty if they may be."""
    face, side = similarity(points), (box[2:4] - box[:2]).sum() / 2
    if face.residual > _RESIDUAL:
        return f"the landmarks are {face.residual:.2f} of its radius off the shape of a face"
    if face.cosine < _COSINE:
        return "the landmarks are those of a turned face"
    low, high = _RADII
    offset = np.abs(face.centre - (box[:2] + box[2:4]) / 2).max()
    if not low * side <= face.radius <= high * side or offset > _OFFSET * side:
        return "the landmarks are not where the detector found the face"
    if instability > most:
        return (
            f"the landmarks move by {instability:.2f} of the face's radius with its box, more than"
            f" {most:g}: no face, or not an upright one"
        )
    return ""


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two boxes (4,) are of the same face."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    both = np.clip(high - low, 0, None).prod()
    areas = _area(one), _area(other)
    return both > _SAME * (sum(areas) - both) or both > 0.5 * min(areas)


def _area(box: np.ndarray) -> np.ndarray:
    """The area of a box (4,), or of each of several (4, N): x0, y0, x1, y1."""
    return (box[2] - box[0]) * (box[3] - box[1])
