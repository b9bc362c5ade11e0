"""The results of the three scoring stages for one evaluation: the scores of both methods."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.pages.face_scores import read_face_scores
from pipeline.pages.pairs import BICUBIC, Difference, read_pairs
from wnet.metrics.paired import Paired
from wnet.metrics.scores import REMARKS, SCORES, STAGES, Score
from wnet.metrics.settings import Intervals

NOT_MEASURED = "not measured"


@dataclass(frozen=True, kw_only=True)
class Compared(Difference):
    """A score of the network and of bicubic interpolation, and the difference between them.

    Attributes:
        network, bicubic: None if no face could be scored; NOT_MEASURED if the score was not
            requested.
    """

    network: float | str | None
    bicubic: float | str | None

    @property
    def measured(self) -> bool:
        """Whether it was requested."""
        return self.network != NOT_MEASURED


@dataclass(frozen=True)
class Group:
    """Scores by one protocol or network, with its name and a remark; the name may be None."""

    title: str | None
    remark: str
    rows: list[Compared]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The output of the three scoring stages, either complete or only the main scores.

    Attributes:
        paired: the network compared with bicubic interpolation, by the columns of the scores; empty
            for bicubic interpolation, whose scores are then in both places.
    """

    quality: dict
    landmarks: dict
    identity: dict
    paired: Mapping[str, Paired]

    def of(self, stage: str) -> list[Compared]:
        """The available scores of one stage, each in all of its variants."""
        content = getattr(self, stage)
        return [
            self._compared(content, replace(score, variant=variant))
            for score in SCORES
            if score.stage == stage and score.key in content[self.made]
            for variant in (content[self.made][score.key] if score.by else (None,))
        ]

    @property
    def has_network(self) -> bool:
        """Whether a network is scored, not only bicubic interpolation."""
        return self.made == "sr"

    @property
    def made(self) -> str:
        """The key of the evaluated method in the stages' output."""
        return "sr" if "sr" in self.quality else "bicubic"

    def _compared(self, content: dict, score: Score) -> Compared:
        network, bicubic = (content[method][score.key] for method in (self.made, "bicubic"))
        if score.variant:
            network, bicubic = network[score.variant], bicubic[score.variant]
        return Compared(
            score=score,
            network=network,
            bicubic=bicubic,
            paired=self.paired.get(score.column),
        )

    @property
    def headline(self) -> dict[str, Compared]:
        """The main scores by key; one that was not requested says so."""
        rows = [row for stage in STAGES for row in self.of(stage)]
        first = {row.score.key: row for row in reversed(rows)}
        absent = {"network": NOT_MEASURED, "bicubic": NOT_MEASURED}
        return {
            score.key: first.get(score.key, Compared(score=score, **absent))
            for score in SCORES
            if score.headline
        }

    def in_detail(self, stages: Iterable[str], scale: int) -> list[Group]:
        """The scores of some stages, by protocol and network.

        scale: the factor of enlargement, for the remarks.
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
    """Read the JSON output of a stage; a missing file is an error that says what to do."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path}: no such file; run `dvc repro`") from error


def read_details(results: Path, intervals: Intervals) -> Scores:
    """All scores of an evaluation, from the folder of its results."""
    found = {stage: read_json(results / f"{stage}.json") for stage in STAGES}
    alone = Scores(**found, paired={})
    if not alone.has_network:
        return alone
    measured = [row.score for stage in STAGES for row in alone.of(stage)]
    _, by_face = read_face_scores(results, measured)
    paired = {column: score.compared(intervals) for column, score in by_face.items()}
    return replace(alone, paired=paired)


def read_headline(metrics: Path, name: str, compared: str | None) -> Scores:
    """The main scores of the evaluation `name`, from the folder of all metrics.

    compared: the name of its comparison, which has the differences from bicubic interpolation; None
    if there is none.
    """
    pairs = ()
    if compared is not None:
        pairs = read_json(metrics / "compare" / f"{compared}.json")[compared]["pairs"]
    return Scores(
        **{stage: read_json(metrics / stage / f"{name}.json")[name] for stage in STAGES},
        paired=read_pairs(pairs).get((name, BICUBIC), {}),
    )
