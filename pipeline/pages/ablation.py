"""The paper's Table 3 beside our own W-Nets, evaluated on one test set, with some parts switched
off."""

from collections.abc import Sequence

from pipeline.pages.comparison import Contender
from wnet.figures.table_3 import TABLE_3, Experiment


def table_3_with_ours(networks: Sequence[Contender]) -> list[tuple[Experiment, list[Contender]]]:
    """The rows of Table 3 with our W-Nets of the same parts; empty if all ours have the same
    parts."""
    ours = [one for one in networks if one.network == "wnet"]
    if len({frozenset(one.lacks) for one in ours}) < 2:
        return []
    return [(row, [one for one in ours if frozenset(one.lacks) == row.lacks]) for row in TABLE_3]
