"""The paper's Table 3 with ours beside it: W-Nets of one test set that lack some of their parts."""

from collections.abc import Sequence

from pipeline.pages.comparison import Contender
from wnet.figures.table_3 import TABLE_3, Experiment


def beside_table_3(networks: Sequence[Contender]) -> list[tuple[Experiment, list[Contender]]]:
    """Every row of Table 3 with the W-Nets of its parts; none where all have the same parts."""
    ours = [one for one in networks if one.network == "wnet"]
    if len({frozenset(one.lacks) for one in ours}) < 2:
        return []
    return [(row, [one for one in ours if frozenset(one.lacks) == row.lacks]) for row in TABLE_3]
