"""The paper's tables with rows of ours beside them, where one compares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wnet.figures.paper import TABLES, Row, beside_ours
from wnet.metrics.scores import SCORES, Score


@dataclass(frozen=True)
class PaperTable:
    """A table of the paper with our rows: its columns, and its rows by test set and scale."""

    columns: list[Score]
    groups: list[tuple[str, int, list[Row]]]


def with_ours(ours: Callable[[Sequence[str]], Sequence[Row]]) -> list[PaperTable]:
    """Tables 1 and 2, of the test sets of our rows alone; none where we have no rows.

    ours: our rows for the keys of a table's columns.
    """
    by_key = {score.key: score for score in SCORES}
    tables = [
        PaperTable([by_key[key] for key in keys], beside_ours(reported, ours(keys)))
        for keys, reported in TABLES.items()
    ]
    return [table for table in tables if table.groups]
