"""The verdict on a network, in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.pages.pages import signed
from pipeline.pages.scores import Compared, Scores
from wnet.counted import counted
from wnet.metrics.paired import BETTER, FEW, UNSEEN, WORSE


@dataclass(frozen=True)
class Part:
    """Words of the sentence, and the colour of those that express a verdict."""

    text: str
    tone: str | None = None


def verdict_of(method: str, scores: Scores) -> list[Part]:
    """The sentence on the main scores compared with bicubic interpolation; empty without scores."""
    rows: dict[str, list[Compared]] = {}
    for row in scores.headline.values():
        if row.measured and row.difference is not None:
            rows.setdefault(row.verdict, []).append(row)
    parts: list[Part] = []
    for verdict in (BETTER, WORSE, UNSEEN):
        if found := rows.get(verdict):
            begin = "; " if parts else f"On {counted(scores.quality['faces'], 'face')}, "
            parts += _clause(begin, method, verdict, found, whole=not parts)
    if not parts:
        return []
    few = any(row.paired.few for of in rows.values() for row in of)
    return [*parts, Part(f". Fewer than {FEW} faces are unreliable." if few else ".")]


def _clause(
    begin: str, method: str, verdict: str, rows: Sequence[Compared], whole: bool
) -> list[Part]:
    """whole: also name the two methods, as the first clause does."""
    listed = _listed([_said(row) for row in rows])
    if verdict == UNSEEN:
        between = f" between {method} and bicubic interpolation" if whole else ""
        return [
            Part(begin),
            Part("no difference is seen", "equal"),
            Part(f"{between} in {listed}"),
        ]
    who, than = (method, " than bicubic interpolation") if whole else ("it", "")
    return [Part(f"{begin}{who} is "), Part(verdict, rows[0].tone), Part(f"{than} in {listed}")]


def _said(row: Compared) -> str:
    """The score; for PSNR also the gain and the number of faces."""
    score = row.score
    name = score.title if score.title[1:2].isupper() else score.title[0].lower() + score.title[1:]
    if score.key != "psnr" or row.faces_won is None:
        return name
    gain = f"{signed(row.difference, score.digits)} {score.unit}"
    return f"{name} ({gain}, on {row.faces_won} of {row.paired.faces} faces)"


def _listed(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
