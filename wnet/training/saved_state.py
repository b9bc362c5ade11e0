"""The saved state of a training, and the state before it in case the last is damaged."""

import io
import pickle
import zipfile
from pathlib import Path

import torch

from wnet.files.atomic import atomic_write


class DamagedCheckpoint(Exception):
    """Neither the last state nor the one before it can be read; the message says what to do."""


class SavedState:
    """A file of tensors and plain values, replaced while the training runs.

    Attributes:
        warning: what was wrong with the last state, if `load` had to use the one before it.
    """

    def __init__(self, path: Path):
        self.path = path
        self.before = path.with_name(f"{path.stem}.before{path.suffix}")
        self.warning: str | None = None

    def save(self, state: dict) -> None:
        """Save this state; the last one becomes the one before it."""
        file = io.BytesIO()
        torch.save(state, file)
        with atomic_write(self.path, file.tell()) as part:
            part.write_bytes(file.getbuffer())
            if self.path.exists():
                self.path.replace(self.before)

    def load(self) -> dict | None:
        """The last undamaged state, None if none was saved; raises DamagedCheckpoint."""
        problems = []
        for path in (self.path, self.before):
            try:
                state = _read(path)
            except FileNotFoundError:  # killed between the two renames, or before the first
                continue
            except _DAMAGE as error:
                problems.append(f"{path} is damaged ({error!r:.80})")
                continue
            if problems:
                self.warning = f"{problems[0]}: resuming from the checkpoint before it"
            return state
        if problems:
            raise DamagedCheckpoint(
                f"{'; '.join(problems)}; delete {self.path.parent} to train from the beginning"
            )
        return None


_DAMAGE = (zipfile.BadZipFile, pickle.UnpicklingError, EOFError, RuntimeError, ValueError, KeyError)


def _read(path: Path) -> dict:
    with zipfile.ZipFile(path) as archive:  # torch.load checks no checksums
        if altered := archive.testzip():
            raise zipfile.BadZipFile(f"{altered} is altered")
    return torch.load(path, map_location="cpu", weights_only=True)
