"""The paper's tables with our rows beside them, where they are comparable."""

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
    """Tables 1 and 2, restricted to the test sets of our rows; none if we have no rows.

    ours: our rows, in the order of the keys of the table's columns.
    """
    by_key = {score.key: score for score in SCORES}
    tables = [
        PaperTable([by_key[key] for key in keys], beside_ours(reported, ours(keys)))
        for keys, reported in TABLES.items()
    ]
    return [table for table in tables if table.groups]
