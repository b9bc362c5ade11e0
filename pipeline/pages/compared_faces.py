"""The faces that a comparison shows: one list for all methods, with the pictures embedded in the
page."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.pages.comparison import Comparison
from pipeline.pages.data_address import picture_address
from pipeline.settings.sections import Compare
from wnet.data.shards import Shards, columns_of, read_shard
from wnet.figures.choice import drawn, ranked
from wnet.photographs.attributes import read_attributes
from wnet.photographs.folder import find_photographs

INPUT, ORIGINAL = "input", "original"


@dataclass(frozen=True, kw_only=True)
class Places:
    """The locations of the test set's data: folders, and the shard `reference`."""

    raw: Path
    crops: Path
    pyramid: Path
    reference: Path
    results: Path


@dataclass(frozen=True, kw_only=True)
class ComparedFace:
    """A face with the results of every method.

    Attributes:
        pictures: the input, the result of each method by its name, and the original, as data:
            addresses.
        maps: the skin map of each network that estimates one, and that of the original, likewise.
        points: the landmarks of each method and of the original, x and y in px; None if no face was
            found.
        scores: the main scores of each method, by column.
        attributes: the known attributes, and whether the face has them.
    """

    name: str
    pictures: dict[str, str]
    maps: dict[str, str]
    points: dict[str, list[list[float]] | None]
    scores: dict[str, dict[str, float]]
    attributes: dict[str, bool]


def read_compared_faces(
    comparison: Comparison, shared: Compare, scale: int, places: Places
) -> list[ComparedFace]:
    """Collect the faces selected by `chosen`; of several seeds, the pictures of the first."""
    rows = chosen(comparison, shared)
    names = [comparison.names[row] for row in rows]
    first = places.results / comparison.contenders[0].evaluations[0]
    common = read_shard(first / "sr.h5", "lr", "bicubic")
    bicubic = comparison.contenders[-1].name
    known = read_shard(places.reference, "name", "points")
    if list(known["name"]) != comparison.names:
        raise ValueError(f"{places.reference} and {first} have different faces; run `dvc repro`")
    pictures = {INPUT: common["lr"][rows], bicubic: common["bicubic"][rows]}
    points = {bicubic: read_shard(first / "points.h5", "bicubic")["bicubic"][rows]}
    maps = {}
    for network in comparison.networks:
        folder = places.results / network.evaluations[0]
        pictures[network.name] = read_shard(folder / "sr.h5", "sr")["sr"][rows]
        points[network.name] = read_shard(folder / "points.h5", "sr")["sr"][rows]
        if "parsing" in columns_of(folder / "sr.h5"):
            maps[network.name] = read_shard(folder / "sr.h5", "parsing")["parsing"][rows]
    pictures[ORIGINAL] = Shards(places.crops).take(names, "hr")["hr"]
    points[ORIGINAL] = known["points"][rows]
    pyramid, skin = Shards(places.pyramid), f"skin_x{scale}"
    if maps and skin in columns_of(pyramid.paths[0]):  # faces that are only evaluated have none
        maps[ORIGINAL] = pyramid.take(names, skin)[skin]
    attributes = read_attributes(find_photographs(places.raw)).of(names)
    columns = [score.column for score in comparison.headline]
    return [
        ComparedFace(
            name=name,
            pictures={method: picture_address(of[place]) for method, of in pictures.items()},
            maps={method: picture_address(of[place]) for method, of in maps.items()},
            points={method: _listed(of[place]) for method, of in points.items()},
            scores={
                one.name: {column: float(one.faces[column][row]) for column in columns}
                for one in comparison.contenders
            },
            attributes={
                title: bool(of[place] > 0)
                for title, of in attributes.items()
                if not np.isnan(of[place])
            },
        )
        for place, (row, name) in enumerate(zip(rows, names, strict=True))
    ]


def chosen(comparison: Comparison, shared: Compare) -> list[int]:
    """Indices of the faces to show, the best first by the networks' mean of the first score.

    The faces shown on the page of every evaluation are drawn at random; the best and the worst face
    of each network are added. Without a network, bicubic interpolation takes its role.
    """
    first = comparison.headline[0]
    judged = comparison.networks or comparison.contenders
    merits = [one.faces[first.column] for one in judged]
    merits = [merit if first.higher_is_better else -merit for merit in merits]
    whole = np.mean(merits, axis=0)
    ends = [order[[0, -1]] for order in map(ranked, merits) if order.size]
    alike = drawn(len(whole), shared.faces, shared.seed)
    found = set(np.concatenate([alike, *ends]).tolist())
    return sorted(found, key=lambda place: _last_if_unknown(-whole[place]))


def _last_if_unknown(value: float) -> tuple[bool, float]:
    return (True, 0.0) if np.isnan(value) else (False, float(value))


def _listed(points: Iterable) -> list[list[float]] | None:
    found = np.asarray(points, float)
    return None if np.isnan(found).any() else np.round(found, 1).tolist()
