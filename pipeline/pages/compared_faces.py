"""The faces that a comparison shows: one list for all methods, with the pictures in the page."""

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.pages.comparison import Comparison
from pipeline.pages.pages import signed
from pipeline.pages.pairs import Difference
from pipeline.tables import DECIMALS
from wnet.data.shards import Shards, read_shard
from wnet.figures.choice import evenly_ranked, ranked
from wnet.metrics.paired import UNSEEN

INPUT, ORIGINAL = "input", "original"


@dataclass(frozen=True, kw_only=True)
class ComparedFace:
    """A face as every method made it.

    Attributes:
        pictures: of the input, each method by its name, and the original, as data: addresses.
        points: of each method and the original, the landmarks, x and y in px; None without a face.
        scores: of each method what is compared first, by column.
    """

    name: str
    pictures: dict[str, str]
    points: dict[str, list[list[float]] | None]
    scores: dict[str, dict[str, float]]


def take_compared(
    comparison: Comparison, count: int, results: Path, crops: Path, reference: Path
) -> list[ComparedFace]:
    """The faces that `chosen` chooses; of several seeds the first one's pictures."""
    places = chosen(comparison, count)
    names = [comparison.names[place] for place in places]
    first = results / comparison.networks[0].evaluations[0]
    common = read_shard(first / "sr.h5", "lr", "bicubic")
    bicubic = comparison.contenders[-1].name
    known = read_shard(reference, "name", "points")
    if list(known["name"]) != comparison.names:
        raise ValueError(f"{reference} and {first} hold different faces; run `dvc repro`")
    pictures = {INPUT: common["lr"][places], bicubic: common["bicubic"][places]}
    points = {bicubic: read_shard(first / "points.h5", "bicubic")["bicubic"][places]}
    for network in comparison.networks:
        folder = results / network.evaluations[0]
        pictures[network.name] = read_shard(folder / "sr.h5", "sr")["sr"][places]
        points[network.name] = read_shard(folder / "points.h5", "sr")["sr"][places]
    pictures[ORIGINAL] = Shards(crops).take(names, "hr")["hr"]
    points[ORIGINAL] = known["points"][places]
    columns = [score.column for score in comparison.headline]
    return [
        ComparedFace(
            name=name,
            pictures={method: _address(of[row]) for method, of in pictures.items()},
            points={method: _listed(of[row]) for method, of in points.items()},
            scores={
                one.name: {column: float(one.faces[column][place]) for column in columns}
                for one in comparison.contenders
            },
        )
        for row, (place, name) in enumerate(zip(places, names, strict=True))
    ]


def for_script(comparison: Comparison, faces: Sequence[ComparedFace]) -> dict:
    """What compare.js knows: the scores, the faces' numbers, and what is said of each pair."""
    ahead = {
        score.column: comparison.ranking(score) or comparison.contenders
        for score in comparison.headline
    }
    return {
        "scores": [
            {
                "column": score.column,
                "label": score.label,
                "heading": score.heading,
                "digits": score.digits,
                "higher": score.higher_is_better,
                "first": [one.name for one in ahead[score.column][:2]],
            }
            for score in comparison.headline
        ],
        "faces": [
            {
                "name": face.name,
                "points": face.points,
                "scores": {
                    method: {column: _number(value) for column, value in scores.items()}
                    for method, scores in face.scores.items()
                },
            }
            for face in faces
        ],
        "pairs": {
            first.name: {
                second.name: {
                    score.column: _said(comparison.difference(first, second, score))
                    for score in comparison.headline
                }
                for second in comparison.contenders
                if second is not first
            }
            for first in comparison.contenders
        },
    }


def _said(pair: Difference) -> dict[str, str]:
    if pair.interval is None:
        return {"verdict": UNSEEN, "tone": "equal", "text": ""}
    digits, unit = pair.score.digits, f" {pair.score.unit}" if pair.score.unit else ""
    mean, low, high = (signed(value, digits) for value in (pair.difference, *pair.interval))
    return {
        "verdict": pair.verdict,
        "tone": pair.tone,
        "text": f"The mean difference is {mean}{unit} (95 %: {low} to {high}); better on"
        f" {pair.faces_won} of {pair.paired.faces} faces.",
    }


def _number(value: float) -> float | str | None:
    """As JSON can say it, and JavaScript's Number understand it."""
    if np.isnan(value):
        return None
    return round(value, DECIMALS) if np.isfinite(value) else "Infinity"


def chosen(comparison: Comparison, count: int) -> list[int]:
    """Places of the faces to look at, the best first by the networks' mean of the first score.

    `count` of them are spread evenly over the ranks of this mean; with them come the best and the
    worst face of each network.
    """
    first = comparison.headline[0]
    merits = [one.faces[first.column] for one in comparison.networks]
    merits = [merit if first.higher_is_better else -merit for merit in merits]
    whole = np.mean(merits, axis=0)
    ends = [order[[0, -1]] for order in map(ranked, merits) if order.size]
    found = set(np.concatenate([evenly_ranked(whole, count), *ends]).tolist())
    return sorted(found, key=lambda place: _last_if_unknown(-whole[place]))


def _last_if_unknown(value: float) -> tuple[bool, float]:
    return (True, 0.0) if np.isnan(value) else (False, float(value))


def _address(picture: np.ndarray) -> str:
    """(H, W, 3) uint8 RGB as lossless WebP, a third smaller than PNG, in a data: address."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", lossless=True, method=6)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def _listed(points: Iterable) -> list[list[float]] | None:
    found = np.asarray(points, float)
    return None if np.isnan(found).any() else np.round(found, 1).tolist()
