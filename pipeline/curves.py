"""The learning curves of a training and pictures of its progress, in DVCLive's format."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

SERIES = "plots/metrics"  # below DVCLive's folder: a table per metric
PICTURES = "plots/images/progress"  # and a picture per epoch


class Curves:
    """A table per metric, with a row per epoch, and a picture every few epochs.

    When a training resumes, tables are rewritten from its history and pictures are restored from
    `sheets`, so that a kill between two writes leaves neither gaps nor duplicate rows.
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
        """Add a picture (H, W, 3), uint8 RGB, for this epoch, before its row is added."""
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
