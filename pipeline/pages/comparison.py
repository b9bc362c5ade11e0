"""The methods scored on one test set, and the comparison of every two of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.harness.record import made_by, read_record
from pipeline.pages.face_scores import FaceScore, read_face_scores
from pipeline.pages.pairs import BICUBIC, Difference
from pipeline.pages.scores import NOT_MEASURED, Scores, read_details
from pipeline.settings import entries
from pipeline.settings.inputs import CompareInputs, Method
from pipeline.tables import DECIMALS
from wnet.figures.paper import Row, paper_test_set
from wnet.metrics.paired import UNSEEN, Paired, compare_all
from wnet.metrics.scores import STAGES, Score, headline


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A method in the comparison; bicubic interpolation is one.

    Attributes:
        name: its name in tables of pairs.
        network: the network's name, or "bicubic". lacks: keys of its parts that are switched off.
        title: its unique title on pages. note: the names of its trainings.
        evaluations: the evaluations, one for each seed, over which the scores of each face are
            averaged; empty for bicubic interpolation scored only beside networks.
        parameters, operations: the number of weights, and of additions and multiplications per
            face; None for bicubic interpolation.
        faces: the scores of the faces, (N,), by column.
        means: their means, or sums for counted scores; None if no face has a score.
        spread: the standard deviation of the means over the seeds; None for one seed.
        unlike: how the faces were prepared differently from those of its training.
    """

    name: str
    network: str
    lacks: tuple[str, ...]
    title: str
    note: str
    evaluations: tuple[str, ...]
    parameters: int | None
    operations: int | None
    faces: dict[str, np.ndarray]
    means: dict[str, float | None]
    spread: dict[str, float | None]
    unlike: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Everything that was scored on one test set.

    Attributes:
        names: the names of the faces.
        scores: all measured scores. headline: the main ones.
        contenders: the networks in the order of params.yaml, then bicubic interpolation.
        pairs: every two contenders in both orders, and each single evaluation with bicubic
            interpolation, by the columns of the scores.
    """

    names: list[str]
    scores: list[Score]
    headline: list[Score]
    contenders: list[Contender]
    pairs: dict[tuple[str, str], dict[str, Paired]]

    @property
    def networks(self) -> list[Contender]:
        """The contenders without bicubic interpolation."""
        return self.contenders[:-1]

    def difference(self, first: Contender, second: Contender, score: Score) -> Difference:
        """The difference between two methods, formatted for pages."""
        return Difference(score=score, paired=self.pairs[first.name, second.name][score.column])

    def once(self) -> dict[tuple[str, str], dict[str, Paired]]:
        """Every pair in one order only: the earlier method first, so networks precede bicubic."""
        kept: dict[tuple[str, str], dict[str, Paired]] = {}
        for (first, second), by_score in self.pairs.items():
            if (second, first) not in kept:
                kept[first, second] = by_score
        return kept

    def ranking(self, score: Score) -> list[Contender]:
        """The methods that have a mean of this score, the best first."""
        sign = -1 if score.higher_is_better else 1
        known = [one for one in self.contenders if one.means[score.column] is not None]
        return sorted(known, key=lambda one: sign * one.means[score.column])

    def best(self, score: Score) -> list[Contender]:
        """The best method by this score, then those without a significant difference from it."""
        ranking = self.ranking(score)
        return ranking[:1] + [
            one
            for one in ranking[1:]
            if self.pairs[ranking[0].name, one.name][score.column].verdict == UNSEEN
        ]


def read_comparison(results: Path, made_from: CompareInputs) -> Comparison:
    """Read the scores of all evaluations in the folder of their test set, and compare them.

    Raises ValueError if they are of different faces or were scored with different settings.
    """
    details: dict[str, Scores] = {}
    tables: dict[str, tuple[list[str], dict[str, FaceScore]]] = {}
    interpolated = [made_from.bicubic] if made_from.bicubic else []
    learnt = [name for method in made_from.methods for name in method.evaluations]
    for evaluation in (*learnt, *interpolated):
        folder = results / evaluation
        found = details[evaluation] = read_details(folder, made_from.compare)
        measured = [row.score for stage in STAGES for row in found.of(stage)]
        tables[evaluation] = read_face_scores(folder, measured)
    (first, (names, columns)), *others = tables.items()
    for name, (faces, scores) in others:
        if faces != names or scores.keys() != columns.keys():
            raise ValueError(
                f"{results / first} and {results / name} have different faces or scores; run"
                " `dvc repro`"
            )
    scores = [by_face.score for by_face in columns.values()]
    titles = _titles(made_from.methods)
    contenders = [
        _network(method, title, results, details, tables)
        for method, title in zip(made_from.methods, titles, strict=True)
    ]
    source = made_from.bicubic or first
    contenders.append(_bicubic(interpolated, details[source], tables[source][1]))
    return Comparison(
        names=names,
        scores=scores,
        headline=headline(scores),
        contenders=contenders,
        pairs=_pairs(contenders, scores, made_from, details),
    )


def paper_rows(
    comparison: Comparison, item: entries.Comparison, side: int, keys: Sequence[str]
) -> list[Row]:
    """A row of the paper's tables for each method; none if the paper has no such test set.

    Methods whose training faces were prepared differently have none. side: side of the HR faces, in
    pixels. keys: the keys of the wanted scores.
    """
    test_set = paper_test_set(item.dataset, item.scale, side)
    if test_set is None:
        return []
    columns = {score.key: score.column for score in comparison.headline}
    return [
        Row(
            origin="ours",
            test_set=test_set,
            scale=item.scale,
            method=one.title,
            note=f"{one.note}, split {item.split}",
            figures=tuple(
                one.means[columns[key]] if key in columns else NOT_MEASURED for key in keys
            ),
        )
        for one in comparison.contenders
        if not one.unlike
    ]


def _network(
    method: Method,
    title: str,
    results: Path,
    details: dict[str, Scores],
    tables: dict[str, tuple[list[str], dict[str, FaceScore]]],
) -> Contender:
    seeds = len(method.evaluations)
    means = [_means(details[name], "network") for name in method.evaluations]
    columns = list(means[0])
    first = method.evaluations[0]
    record = read_record(made_by(results / first / "sr.h5"))
    return Contender(
        name=first if seeds == 1 else f"{first} ({seeds} seeds)",
        network=method.network,
        lacks=method.lacks,
        unlike=method.unlike,
        title=title,
        note=f"run {method.run}" + (f", {seeds} seeds" if seeds > 1 else ""),
        evaluations=method.evaluations,
        parameters=record["network_weights"],
        operations=record["network_operations"],
        faces={
            column: np.mean([tables[name][1][column].network for name in method.evaluations], 0)
            for column in columns
        },
        means={column: _mean([of[column] for of in means]) for column in columns},
        spread={column: _spread([of[column] for of in means]) for column in columns},
    )


def _bicubic(
    evaluations: Sequence[str], details: Scores, columns: dict[str, FaceScore]
) -> Contender:
    return Contender(
        name=BICUBIC,
        network=BICUBIC,
        lacks=(),
        unlike=(),
        title="Bicubic",
        note="interpolation",
        evaluations=tuple(evaluations),
        parameters=None,
        operations=None,
        faces={column: by_face.bicubic for column, by_face in columns.items()},
        means=_means(details, "bicubic"),
        spread=dict.fromkeys(columns),
    )


def _pairs(
    contenders: Sequence[Contender],
    scores: Sequence[Score],
    made_from: CompareInputs,
    details: dict[str, Scores],
) -> dict[tuple[str, str], dict[str, Paired]]:
    pairs: dict[tuple[str, str], dict[str, Paired]] = {}
    for score in scores:
        faces = {one.name: one.faces[score.column] for one in contenders}
        found = compare_all(faces, score.higher_is_better, made_from.compare)
        for pair, compared in found.items():
            pairs.setdefault(pair, {})[score.column] = compared
    both = pairs | {
        (second, first): {column: pair.reversed for column, pair in by_score.items()}
        for (first, second), by_score in pairs.items()
    }
    alone = {(name, BICUBIC): dict(of.paired) for name, of in details.items() if of.has_network}
    return alone | both


def _titles(methods: Sequence[Method]) -> list[str]:
    """The titles of the networks, extended by the run or the evaluation if two are the same."""
    short = [method.title for method in methods]
    by_run = [f"{title} {method.run}" for title, method in zip(short, methods, strict=True)]
    longest = [
        f"{title} {method.evaluations[0]}" for title, method in zip(short, methods, strict=True)
    ]
    return [
        next((of[place] for of in (short, by_run) if of.count(of[place]) == 1), longest[place])
        for place in range(len(methods))
    ]


def _means(details: Scores, method: str) -> dict[str, float | None]:
    rows = [row for stage in STAGES for row in details.of(stage)]
    return {row.score.column: getattr(row, method) for row in rows}


def _mean(values: Sequence[float | None]) -> float | None:
    return None if None in values else round(float(np.mean(values)), DECIMALS)


def _spread(values: Sequence[float | None]) -> float | None:
    known = len(values) > 1 and None not in values
    return round(float(np.std(values, ddof=1)), DECIMALS) if known else None
