"""The data for the script of a comparison's page: the faces' scores, and the verdict on each
pair."""

from collections.abc import Sequence

import numpy as np

from pipeline.pages.compared_faces import ComparedFace
from pipeline.pages.comparison import Comparison, Contender
from pipeline.pages.pages import signed, words
from pipeline.pages.pairs import Difference
from pipeline.tables import DECIMALS
from wnet.metrics.paired import UNSEEN
from wnet.metrics.scores import Score

BARS = 20  # of a histogram of gains, at least


def script_data(comparison: Comparison, faces: Sequence[ComparedFace]) -> dict:
    """The scores, the values of the faces, and the verdict on each pair of methods."""
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
        "attributes": {
            title: words(title)
            for title in dict.fromkeys(key for f in faces for key in f.attributes)
        },
        "faces": [
            {
                "name": face.name,
                "points": face.points,
                "maps": face.maps,
                "attributes": face.attributes,
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
                    | {"gains": gains(first, second, score)}
                    for score in comparison.headline
                }
                for second in comparison.contenders
                if second is not first
            }
            for first in comparison.contenders
        },
    }


def gains(first: Contender, second: Contender, score: Score) -> dict | None:
    """The histogram of each face's gain by the first method over the second.

    It holds the `counts` of bars of one `width`, beginning at `low`; 0 is a boundary between two
    bars, and ties are counted only in `equal`. None if no face has both scores.
    """
    sign = 1 if score.higher_is_better else -1
    with np.errstate(invalid="ignore"):
        found = sign * (first.faces[score.column] - second.faces[score.column])
    found = found[np.isfinite(found)]
    if not found.size:
        return None
    moved = found[found != 0]
    equal = int(found.size - moved.size)
    if not moved.size:
        return {"low": 0.0, "width": 0.0, "counts": [], "equal": equal}
    low, high = min(moved.min(), 0.0), max(moved.max(), 0.0)
    width = (high - low) / BARS
    begin, end = np.floor(low / width), np.ceil(high / width)
    bars = np.where(moved < 0, np.floor(moved / width), np.ceil(moved / width) - 1)
    counts = np.bincount((bars - begin).astype(int), minlength=int(end - begin))
    return {
        "low": round(float(begin * width), DECIMALS),
        "width": round(float(width), DECIMALS),
        "counts": counts.tolist(),
        "equal": equal,
    }


def _said(pair: Difference) -> dict:
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
    """A number as JSON can write it and JavaScript's `Number` can read it."""
    if np.isnan(value):
        return None
    return round(value, DECIMALS) if np.isfinite(value) else "Infinity"
