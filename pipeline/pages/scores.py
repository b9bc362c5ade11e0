"""What the three scoring stages found of one evaluation: the table's scores of both methods."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.tables import DECIMALS
from wnet.metrics.scores import REMARKS, SCORES, STAGES, Score

NOT_MEASURED = "not measured"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A score of the network and of bicubic interpolation.

    Attributes:
        network, bicubic: None where no face could be scored; NOT_MEASURED where none should be.
    """

    score: Score
    network: float | str | None
    bicubic: float | str | None

    @property
    def measured(self) -> bool:
        """Whether it was wanted."""
        return self.network != NOT_MEASURED

    @property
    def difference(self) -> float | None:
        """Network minus bicubic."""
        if not self.measured or self.network is None or self.bicubic is None:
            return None
        return round(self.network - self.bicubic, DECIMALS)

    @property
    def verdict(self) -> str:
        """better, worse or equal, in the digits shown; unknown where there is no difference."""
        if self.difference is None:
            return "unknown"
        shown = round(self.difference, self.score.digits)
        if shown == 0:
            return "equal"
        return "better" if (shown > 0) == self.score.higher_is_better else "worse"


@dataclass(frozen=True)
class Group:
    """Scores by one protocol or net, with its name and a remark; None has no name."""

    title: str | None
    remark: str
    rows: list[Compared]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What the three scoring stages wrote, either all of it or what is compared first."""

    quality: dict
    landmarks: dict
    identity: dict

    def of(self, stage: str) -> list[Compared]:
        """The scores of one stage that are there, each by all of its variants."""
        content = getattr(self, stage)
        return [
            _compared(content, replace(score, variant=variant))
            for score in SCORES
            if score.stage == stage and score.key in content["sr"]
            for variant in (content["sr"][score.key] if score.by else (None,))
        ]

    @property
    def headline(self) -> dict[str, Compared]:
        """By key, what is compared first; a score that was not wanted says so."""
        rows = [row for stage in STAGES for row in self.of(stage)]
        first = {row.score.key: row for row in reversed(rows)}
        absent = {"network": NOT_MEASURED, "bicubic": NOT_MEASURED}
        return {
            score.key: first.get(score.key, Compared(score=score, **absent))
            for score in SCORES
            if score.headline
        }

    def in_detail(self, stages: Iterable[str], scale: int) -> list[Group]:
        """The scores of some stages, protocol by protocol and net by net.

        scale: how many times faces are enlarged, for the remarks.
        """
        groups: dict[str | None, list[Compared]] = {}
        for row in (row for stage in stages for row in self.of(stage)):
            groups.setdefault(row.score.variant, []).append(row)
        absent = [row.score for row in self.headline.values() if not row.measured]
        return [
            Group(variant, REMARKS[variant].format(scale=scale) if variant else "", rows)
            for variant, rows in groups.items()
        ] + [Group(score.title, NOT_MEASURED, []) for score in absent if score.stage in stages]


def read_json(path: Path) -> dict:
    """Read what a stage wrote; a file that is not there is an error that says what to do."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path}: no such file; run `dvc repro`") from error


def read_details(results: Path) -> Scores:
    """All scores of an evaluation, from the folder of its results."""
    return Scores(**{stage: read_json(results / f"{stage}.json") for stage in STAGES})


def read_headline(metrics: Path, name: str) -> Scores:
    """What is compared first of the evaluation `name`, from the folder of all metrics."""
    return Scores(**{stage: read_json(metrics / stage / f"{name}.json")[name] for stage in STAGES})


def _compared(content: dict, score: Score) -> Compared:
    network, bicubic = (content[method][score.key] for method in ("sr", "bicubic"))
    if score.variant:
        network, bicubic = network[score.variant], bicubic[score.variant]
    return Compared(score=score, network=network, bicubic=bicubic)
