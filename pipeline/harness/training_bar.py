"""Progress of a training, in lines and as an image."""

import time
from pathlib import Path
from types import TracebackType

import numpy as np

from pipeline.harness.parallel import progress
from wnet.figures.grid import as_png
from wnet.files.atomic import atomic_write
from wnet.training.loop import Training

SECONDS = 10  # of training after which the total time is estimated


class TrainingBar:
    """Logs epoch, loss and validation score during a training, and once its expected time.

    The image of validation faces is one file, replaced after each validation.
    """

    def __init__(self, training: Training, latest: Path):
        """latest: the path of the image."""
        self._training, self._latest = training, latest
        self._epochs = training.schedule.epochs
        self._validated = ""
        self._first: tuple[int, float] | None = None  # faces done, and when
        self._told = False

    def __enter__(self) -> "TrainingBar":
        self._bar = progress("train", self._training.total)
        self._bar.update(self._training.done)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def step(self, faces: int) -> None:
        """Count a step of so many faces."""
        training, bar = self._training, self._bar
        epoch = min(training.progress.epoch + 1, self._epochs)
        loss = "" if training.last_loss is None else f"loss {training.last_loss:.5f}"
        bar.set_description_str(f"train: epoch {epoch} of {self._epochs}", refresh=False)
        bar.set_postfix_str(", ".join(filter(None, (loss, self._validated))), refresh=False)
        bar.update(faces)
        if not self._told:
            self._tell()

    def row(self, row: dict[str, float]) -> None:
        """Show the scores of a validation."""
        self._validated = f"validation PSNR {row['validation/psnr']:.2f} dB"
        self._bar.set_postfix_str(self._validated)

    def picture(self, sheet: np.ndarray) -> None:
        """Replace the image by (H, W, 3) uint8 RGB."""
        new, content = not self._latest.exists(), as_png(sheet)
        with atomic_write(self._latest, len(content)) as part:
            part.write_bytes(content)
        if new:
            self._bar.write(f"train: pictures of validation faces: {self._latest.resolve()}")

    def _tell(self) -> None:
        """Log the expected total time, once; the first step is not typical."""
        now, bar = time.monotonic(), self._bar
        done, begun = self._first = self._first or (bar.n, now)
        if now - begun > SECONDS and bar.n > done:
            self._told = True
            bar.write(estimated_time(bar.n - done, now - begun, bar.total - done))


def predicted_time(faces: int, rate: float) -> str:
    """The time for so many faces, in words, by the rate per second of the last run."""
    return (
        f"train: about {_duration(faces / rate)}, by its last run here ({rate:.0f} faces a second)"
    )


def estimated_time(done: int, seconds: float, total: int) -> str:
    """The expected time of a training of `total` faces, in words, by what is done so far."""
    length = _duration(seconds * total / done)
    return f"train: about {length} in all, {done / seconds:.0f} faces a second"


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1:
        return "a minute"
    return f"{minutes:.0f} minutes" if minutes < 100 else f"{minutes / 60:.0f} hours"
