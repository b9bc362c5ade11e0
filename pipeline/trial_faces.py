"""The faces in a folder of photographs that a network can be measured on."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.crop import crop_photographs
from pipeline.ledger import read_rejected
from pipeline.settings import sections
from pipeline.settings.inputs import CropInputs
from wnet.data.shards import Shards

_AT_ONCE = 16  # photographs per task


@dataclass(frozen=True, kw_only=True)
class TrialFaces:
    """Faces, at most one per photograph, and why the other photographs have none.

    Attributes:
        names: (N,) of the photographs; hr: (N, R, R, 3) uint8 RGB. rule: the crop settings.
        left_out: name, reason and detail of every photograph without a face, sorted by name.
        photographs, several: the number of photographs, and of those with several faces.
        others: the number of files that are not photographs or were skipped.
    """

    names: np.ndarray
    hr: np.ndarray
    rule: sections.Crop
    left_out: list[dict[str, str]]
    photographs: int
    several: int
    others: int

    @property
    def reasons(self) -> dict[str, int]:
        """The number of photographs left out for each reason, the most frequent first."""
        return dict(Counter(row["reason"] for row in self.left_out).most_common())


def find_faces(
    folder: Path, rule: sections.Crop, weights: sections.Weights, work: Path
) -> TrialFaces:
    """Crop the photographs in `folder` as the stage `crop` does, in the folder `work`.

    Also left out are faces with fewer pixels in the photograph than in the comparison, since their
    originals lack the detail to be restored, and, if photographs are used whole, those that are
    not square. Raises ValueError if none is left.
    """
    rule = rule.model_copy(update={"faces_per_shard": _AT_ONCE})
    counts = crop_photographs("", folder, work / "crop", CropInputs(crop=rule, weights=weights))
    left_out = {row["name"]: row for row in read_rejected(work / "crop")}
    crops = Shards(work / "crop")
    names = crops.names
    faces = crops.take(names, "hr", "box")
    for name, reason, detail in _unfit(names.tolist(), faces["box"].tolist(), rule):
        left_out[name] = {"name": name, "reason": reason, "detail": detail}
    (kept,) = np.nonzero([name not in left_out for name in names])
    if not len(kept):
        first = next(iter(left_out.values()))
        raise ValueError(
            f"{folder}: none of {counts['found']} photographs has a face to measure on; of"
            f" {first['name']}: {first['reason']}, {first['detail']}"
        )
    return TrialFaces(
        names=names[kept],
        hr=faces["hr"][kept],
        rule=rule,
        left_out=[left_out[name] for name in sorted(left_out)],
        photographs=counts["found"],
        several=counts["several_faces"],
        others=counts["other_files"] + counts["passed_over"],
    )


def _unfit(
    names: list[str], boxes: list[list[int]], rule: sections.Crop
) -> Iterator[tuple[str, str, str]]:
    """Name, reason and detail of cropped faces that cannot be used for measurements."""
    for name, (x0, y0, x1, y1) in zip(names, boxes, strict=True):
        width, height = x1 - x0, y1 - y0
        if rule.rule == "as_is" and width != height:
            yield name, "not square", f"{width} x {height} pixels, taken whole"
        elif min(width, height) < rule.resolution:
            yield name, "too small", f"{min(width, height)} px wide, less than {rule.resolution}"
