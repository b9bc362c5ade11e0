"""The faces of a photograph, looked for upright, enlarged and turned until one is plausible.

A detector also finds faces where there are none, and a predictor lays 68 landmarks over anything.
Landmarks are plausible where they have about the shape, place and size of an upright face in their
box, and, unless the detector's score alone shows an upright face, where they stay when the box is
moved a little (`Predictor.instability`).

By dlib, the 489 faces found in 502 photographs stay; of the same turned by 180 degrees 99 were
cropped upside down before, and 2 of every fifth (101) are now. By YuNet, of 384 photographs none is
turned wrongly. The limits were chosen on these.
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

_BETTER = 0.5  # a turned look replaces another where its instability is less by this factor
_SURER = 0.05  # or is less at all, where the detector's score is higher by so much
_RESIDUAL = 0.7  # of the mean face, in radii: profiles have up to 0.5, points strewn about over 1
_COSINE = 0.5  # turned by 60 degrees
_RADII = (0.15, 0.8)  # in sides of the box; faces have 0.25 to 0.45
_OFFSET = 0.5  # of the landmarks' centre from the box's, in its sides; faces have up to 0.2
_TRIED = 3  # of the largest boxes, until one is plausible, where one face is wanted
_SAME = 0.3  # overlap (IoU) above which two looks have found one face, or half of the smaller box


@dataclass(frozen=True)
class Face:
    """A face with plausible landmarks.

    Attributes:
        points: (68, 2) float32 x, y in whole sixteenths of a pixel, of the photograph turned by
            `turn`.
        turn: degrees, counterclockwise, by which the photograph is turned to have the face upright;
            a multiple of 90.
        rank: its place among the faces that are wanted of the photograph, plausible or not, from
            the one that is meant (the annotated or the largest) to the smallest.
    """

    points: np.ndarray
    turn: int
    rank: int


@dataclass(frozen=True)
class Faces:
    """What was found in a photograph.

    Attributes:
        plausible: by rank.
        implausible: what is wrong with the landmarks of the others, by their ranks.
        count: how many faces the detector found.
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
    """The face that is meant, or all faces, in each (H, W, 3) uint8 RGB picture.

    official_boxes: CelebA's annotations, where there are any; they decide which of several faces is
    meant. Enlarged looks follow where nothing plausible was found, or always for all faces; turned
    looks where nothing is quite clear, as large as the one that found it.
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
    """A box with its landmarks, and why they cannot be, or else how unstable they are."""

    points: np.ndarray
    box: np.ndarray
    score: float
    turn: int
    instability: float
    wrong: str


@dataclass
class _Search:
    """What is known of one photograph so far.

    steady: the instability up to which there is no doubt. seen: by rank. doublings: of the first
    look in which there was a plausible face.
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
        """The least instability of a plausible face."""
        return min((each.instability for each in self.seen if not each.wrong), default=inf)

    @property
    def surest(self) -> float:
        """The detector's greatest score of a plausible face."""
        return max((each.score for each in self.seen if not each.wrong), default=-inf)

    def add(self, seen: "list[_Seen]", count: int, doublings: int) -> None:
        """Faces of another look at the photograph as it is, in which there were so many."""
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
        """Faces of a look at the turned photograph, taken where they are the better ones.

        A detector also finds turned faces, but it is surer of upright ones: YuNet of 360 among 361.
        """
        turned = _Search(self.image, None, self.steady, seen)
        surer = turned.surest - self.surest if turned.accepted and self.accepted else 0.0
        steadier = _BETTER if surer <= _SURER else 1.0
        if surer >= 0 and (turned.clear or turned.least < steadier * self.least):
            self.seen, self.count = seen, count

    def found(self, every: bool) -> Faces:
        """All faces by rank, or one, which is then the first."""
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
    """The faces seen in one look at each photograph, and how many there are.

    All of them are looked at, or the annotated one, or those up to the first plausible.
    """
    turns = [Turn(turn, search.image.shape[:2]) for search in searches]
    images = [turned.whole(each.image) for turned, each in zip(turns, searches, strict=True)]
    boxes = finder.look(images, doublings)
    for row, search in enumerate(searches):
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
    """Rows of the boxes, the largest first, or before them the one that the annotation means."""
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
    """0 where the detector's score, in thousandths, is that of an upright face."""
    if round(box[4] * 1000) >= finder.upright_score * 1000:
        return 0.0
    return finder.instability(image, box[:4], points)


def _wrong(box: np.ndarray, points: np.ndarray, instability: float, most: float) -> str:
    """Why the landmarks cannot be those of an upright face in the box; empty where they can."""
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
    """Whether two boxes (4,) are of one face."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    both = np.clip(high - low, 0, None).prod()
    areas = _area(one), _area(other)
    return both > _SAME * (sum(areas) - both) or both > 0.5 * min(areas)


def _area(box: np.ndarray) -> np.ndarray:
    """Of a box x0, y0, x1, y1, or of each of several, a column a box."""
    return (box[2] - box[0]) * (box[3] - box[1])
