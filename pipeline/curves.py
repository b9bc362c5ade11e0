"""The learning curves of a training, as DVCLive keeps them."""

import shutil
from collections.abc import Iterable
from pathlib import Path

SERIES = "plots/metrics"  # where DVCLive keeps a table a metric, below its folder


class Curves:
    """One table a metric, with a row an epoch.

    They are written anew from the history that a training has when it goes on, so that a kill
    between two writes leaves neither a gap nor a row too many.
    """

    def __init__(self, folder: Path, history: Iterable[dict[str, float]]):
        from dvclive import Live

        self._folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        self._live = Live(
            str(folder), dvcyaml=None, report=None, save_dvc_exp=False, monitor_system=False
        )
        for row in history:
            self.add(row)

    def add(self, row: dict[str, float]) -> None:
        """Add one epoch's row: `epoch`, and a value for each metric."""
        self._live.step = int(row["epoch"])
        for name, value in row.items():
            if name != "epoch":
                self._live.log_metric(name, value)
        self._live.next_step()

    def finish(self, out: Path) -> None:
        """Close the tables and copy them to `out`."""
        self._live.end()
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self._folder / SERIES, out)
