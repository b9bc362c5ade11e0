"""Scores by groups of faces, if attributes of the faces are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.pages.face_scores import FaceScore
from pipeline.pages.scores import Compared
from pipeline.scoring import summary
from wnet.metrics.paired import FEW
from wnet.metrics.settings import Intervals
from wnet.photographs.attributes import read_attributes
from wnet.photographs.folder import find_photographs

GROUPS = ("Male", "Young", "Pale_Skin", "Eyeglasses", "Wearing_Hat")


@dataclass(frozen=True, kw_only=True)
class Group:
    """The faces with, or without, an attribute.

    Attributes:
        rows: one for each score, by its key.
    """

    has: bool
    faces: int
    rows: dict[str, Compared]

    @property
    def few(self) -> bool:
        return self.faces < FEW


def by_attribute(
    raw: Path, names: Sequence[str], scores: Mapping[str, FaceScore], intervals: Intervals | None
) -> dict[str, list[Group]]:
    """Two groups for each of GROUPS; empty if the dataset has no attributes.

    A face that the attributes do not list is in neither group. intervals: None for bicubic
    interpolation, which is not compared with itself.
    """
    attributes = read_attributes(find_photographs(raw)).of(names)
    return {
        attribute: [
            _group(attributes[attribute] == value, value > 0, scores, intervals)
            for value in (1, -1)
        ]
        for attribute in GROUPS
        if attribute in attributes
    }


def _group(
    chosen: np.ndarray, has: bool, scores: Mapping[str, FaceScore], intervals: Intervals | None
) -> Group:
    rows = {}
    for key, whole in scores.items():
        part = replace(whole, network=whole.network[chosen], bicubic=whole.bicubic[chosen])
        rows[key] = Compared(
            score=part.score,
            network=summary(part.score, part.network),
            bicubic=summary(part.score, part.bicubic),
            paired=part.compared(intervals) if intervals else None,
        )
    return Group(has=has, faces=int(chosen.sum()), rows=rows)
