"""The inspection of a folder by `wnet new`: lists beside the photographs, and faces in a few of
them."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import numpy as np

from pipeline.crop_block import Block, crop_block
from pipeline.harness.parallel import in_blocks, progress
from pipeline.settings import params, sections
from wnet.counted import counted
from wnet.data.shards import read_shard
from wnet.photographs import annotations
from wnet.photographs.attributes import read_attributes
from wnet.photographs.folder import Photographs
from wnet.photographs.names import Match

FEW = 24  # photographs in which faces are searched for
_AT_ONCE = 4
_SUBSETS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val"),
    "test": ("test", "testing"),
}


@dataclass(frozen=True)
class Lists:
    """The lists beside photographs.

    Attributes:
        known: boxes and points. matches: those of all lists in use, by their content.
        split: the split rule that they define, with its name; identities: the file that names
            persons.
        unused: other files that could be lists.
    """

    known: annotations.Annotation
    matches: dict[str, Match]
    split: tuple[str, dict] | None
    identities: str | None
    unused: tuple[str, ...]


@dataclass(frozen=True)
class FaceSample:
    """The result of cropping a few photographs.

    Attributes:
        examined: their number. sides: (N,) of the faces' squares, in pixels, sorted.
        reasons: the number of photographs without a face, by reason. first: the message for the
            first of them.
        rate: photographs per second that one process cropped.
    """

    examined: int
    sides: np.ndarray
    reasons: Counter[str]
    first: str
    rate: float


def read_lists(photographs: Photographs, max_pixels: int) -> Lists:
    """Read the lists beside the photographs; raises ValueError for a damaged one."""
    known = annotations.read_annotation(photographs, max_pixels)
    matches = dict(known.matches)
    if attributes := read_attributes(photographs).match:
        matches["attributes"] = attributes
    people = annotations.official(photographs, annotations.IDENTITIES)
    split, files = None, [people] if people else []
    if partition := annotations.official(photographs, annotations.PARTITION):
        split = ("partition", {"by": "partition"})
        files.append(partition)
    elif len(subsets := _subsets(photographs.others)) == len(_SUBSETS):
        split = ("lists", {"by": "lists", **subsets})
        files += subsets.values()
    used = {found.listed.where for found in matches.values()}
    used.update(map(photographs.where, files))
    unused = tuple(
        name
        for name in photographs.others
        if _could_be_list(name) and photographs.where(name) not in used
    )
    return Lists(known, matches, split, people, unused)


def _subsets(files: Sequence[str]) -> dict[str, str]:
    """The train, validation and test lists, by their names; none if two names are alike."""
    found = {}
    for subset, words in _SUBSETS.items():
        named = [
            name
            for name in files
            if _could_be_list(name) and PurePosixPath(name).stem.lower() in words
        ]
        if len(named) == 1:
            found[subset] = named[0]
    return found


def _could_be_list(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in (".txt", ".csv", ".tsv")


def look(photographs: Photographs, lists: Lists, rule: sections.Crop) -> FaceSample:
    """Crop a few evenly spread photographs by the rule, including faces of every size."""
    names = photographs.names
    places = np.linspace(0, len(names) - 1, min(FEW, len(names))).round().astype(int)
    few = tuple(names[place] for place in places)
    rule = rule.model_copy(update={"min_side": 0, "faces": "largest"})
    boxes, points = lists.known.boxes, lists.known.points
    sides: list[int] = []
    rejected: list[dict[str, str]] = []
    begun = time.perf_counter()
    with TemporaryDirectory() as work, progress("look", len(few), "photograph") as bar:
        for number, some in enumerate(in_blocks(few, _AT_ONCE)):
            shard = Path(work) / "out" / f"{number:05}.h5"
            shard.parent.mkdir(exist_ok=True)
            done = crop_block(Block(photographs, some, boxes, points, rule, (), shard))
            rejected += done["rejected"]
            if done["faces"]:
                box = read_shard(shard, "box")["box"]
                sides += (box[:, 2:] - box[:, :2]).min(axis=1).tolist()
            bar.update(len(some))
    first = f"{rejected[0]['name']}: {rejected[0]['detail']}" if rejected else ""
    return FaceSample(
        examined=len(few),
        sides=np.sort(np.array(sides, int)),
        reasons=Counter(row["reason"] for row in rejected),
        first=first,
        rate=len(few) / (time.perf_counter() - begun),
    )


def describe_files(photographs: Photographs, lists: Lists) -> Iterator[str]:
    """Describe the contents of the folder, line by line."""
    place = photographs.archive or photographs.folder
    more = [f"{counted(len(photographs.others), 'other file')}"] if photographs.others else []
    more += [f"{photographs.passed_over} skipped"] if photographs.passed_over else []
    yield f"{place}: {', '.join([counted(len(photographs.names), 'photograph'), *more])}"
    for what, found in lists.matches.items():
        counts = found.counts()
        yield (
            f"{found.listed.where}: {what} of {counts['matched']} of"
            f" {counted(counts['photographs'], 'photograph')}"
        )
    if lists.split:
        name, rule = lists.split
        files = [file for key, file in rule.items() if key != "by"]
        yield f"the split is by {' and '.join(files) or annotations.PARTITION}"
    if lists.identities:
        yield f"{lists.identities}: identities; no person is in two sets"
    for name in lists.unused:
        yield (
            f"{name}: not used; if it lists persons, name it under `identities` in {params.FILE}"
        )


def describe_faces(folder: Path, seen: FaceSample, crop: sections.Crop) -> Iterator[str]:
    """Describe the faces found, line by line; raises ValueError if no face can be used."""
    left_out = ", ".join(f"{count} {why}" for why, count in seen.reasons.most_common())
    if not len(seen.sides):
        raise ValueError(
            f"{folder}: no face in {counted(seen.examined, 'photograph')} that were examined:"
            f" {left_out}. {seen.first}. If they are cropped faces, give --cropped"
        )
    smallest, largest = seen.sides[[0, -1]]
    yield (
        f"of {counted(seen.examined, 'photograph')} examined, {len(seen.sides)} have a face,"
        f" {smallest} to {largest} px wide, half of them over {int(np.median(seen.sides))} px"
        + (f"; {left_out}" if left_out else "")
    )
    enough = int((seen.sides >= crop.least_side).sum())
    if not enough:
        raise ValueError(
            f"{folder}: the faces are {smallest} to {largest} px wide, and none has the"
            f" {crop.least_side} px of the HR faces; give a smaller --resolution"
        )
    yield f"{enough} of {len(seen.sides)} have the {crop.least_side} px to be used"
