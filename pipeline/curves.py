"""The learning curves of a training and pictures of its progress, as DVCLive keeps them."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

SERIES = "plots/metrics"  # where DVCLive keeps a table a metric, below its folder
PICTURES = "plots/images/progress"  # and the pictures, a file an epoch


class Curves:
    """One table a metric, with a row an epoch, and a picture every so many epochs.

    Tables are rewritten from the history that a training has when it resumes, and pictures kept
    in `sheets`, so that a kill between two writes leaves neither a gap nor a row too many.
    """

    def __init__(self, folder: Path, sheets: Path, history: Iterable[dict[str, float]]):
        from dvclive import Live

        self._folder, self._sheets = folder, sheets
        shutil.rmtree(folder, ignore_errors=True)
        sheets.mkdir(exist_ok=True)
        self._live = Live(
            str(folder), dvcyaml=None, report=None, save_dvc_exp=False, monitor_system=False
        )
        for row in history:
            self.add(row)

    def add(self, row: dict[str, float]) -> None:
        """Add one epoch's row: `epoch`, and a value for each metric."""
        epoch = int(row["epoch"])
        self._live.step = epoch
        for name, value in row.items():
            if name != "epoch":
                self._live.log_metric(name, value)
        if self._sheet(epoch).exists():
            self._live.log_image(f"progress/{epoch}.png", self._sheet(epoch))
        self._live.next_step()

    def picture(self, epoch: int, sheet: np.ndarray) -> None:
        """Keep a picture (H, W, 3), uint8 RGB, for this epoch, whose row is still to come."""
        from PIL import Image

        part = self._sheets / "sheet.part"
        Image.fromarray(sheet).save(part, format="png", optimize=True)
        part.replace(self._sheet(epoch))

    def finish(self, out: Path) -> None:
        """Close the tables and copy them to `out`, and the pictures to its `progress`."""
        self._live.end()
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self._folder / SERIES, out)
        if (self._folder / PICTURES).exists():
            shutil.copytree(self._folder / PICTURES, out / "progress")

    def _sheet(self, epoch: int) -> Path:
        return self._sheets / f"{epoch}.png"
