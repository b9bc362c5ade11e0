"""The network's scores by groups of faces, where attributes of the faces are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.pages.face_scores import FaceScore
from pipeline.scoring import summary
from wnet.photographs.attributes import read_attributes

GROUPS = ("Male", "Young", "Pale_Skin", "Eyeglasses", "Wearing_Hat")
FEW = 30  # faces; means of fewer say little


@dataclass(frozen=True, kw_only=True)
class Group:
    """Faces that have an attribute, or have it not.

    Attributes:
        means: of the network, by the key of the score; None where nothing was measured.
    """

    has: bool
    faces: int
    means: dict[str, float | None]

    @property
    def few(self) -> bool:
        return self.faces < FEW


def by_attribute(
    raw: Path, names: Sequence[str], scores: Mapping[str, FaceScore]
) -> dict[str, list[Group]]:
    """Two groups for each of GROUPS; empty where the data set comes without attributes.

    A face that the attributes do not list is in neither group.
    """
    attributes = read_attributes(raw, names)
    return {
        attribute: [_group(attributes[attribute] == value, value > 0, scores) for value in (1, -1)]
        for attribute in GROUPS
        if attribute in attributes
    }


def _group(chosen: np.ndarray, has: bool, scores: Mapping[str, FaceScore]) -> Group:
    means = {
        key: summary(by_face.score, by_face.network[chosen]) for key, by_face in scores.items()
    }
    return Group(has=has, faces=int(chosen.sum()), means=means)
