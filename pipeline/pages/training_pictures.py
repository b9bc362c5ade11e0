"""Pictures of the training's progress for the page."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from PIL import Image


@dataclass(frozen=True)
class Sheet:
    """A picture of the training's progress in the page's folder, with its size in pixels."""

    epoch: int
    file: str
    width: int
    height: int


def copy_progress(curves: Path, folder: Path) -> list[Sheet]:
    """Copy the first and the last picture of the training to the page."""
    sheets = sorted((curves / "progress").glob("*.png"), key=lambda path: int(path.stem))
    ends = [sheets[0], sheets[-1]] if len(sheets) > 1 else sheets
    shown = []
    for path in ends:
        with Image.open(path) as picture:
            shown.append(Sheet(int(path.stem), f"progress-{path.stem}.png", *picture.size))
        shutil.copyfile(path, folder / shown[-1].file)
    return shown
