"""The untracked log of runs: time, machine and speed, which do not belong in tracked outputs."""

import json
import platform
import subprocess
import time
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

from pipeline.harness import environment


class Journal:
    """Logs the run of a stage, beginning now, in `<scratch>/journal.jsonl`."""

    def __init__(self, stage: str, item: str, **facts):
        self._entry = {"stage": stage, "item": item, "host": platform.node(), **facts}
        self._entry["begun"] = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._entry["revision"] = _revision()
        self._started = time.monotonic()

    def rate_before(self) -> float | None:
        """Faces per second in the last run like this one; None if there was none."""
        same = self._entry.keys() - {"begun", "revision"}
        for entry in reversed(self._entries()):
            if all(entry.get(key) == self._entry[key] for key in same) and entry["faces_per_s"]:
                return entry["faces_per_s"]
        return None

    def note(self, faces: int) -> None:
        """Append the entry; `faces` is the number processed."""
        seconds = time.monotonic() - self._started
        rate = round(faces / seconds, 2) if seconds else None
        entry = {**self._entry, "seconds": round(seconds, 1), "faces": faces, "faces_per_s": rate}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _entries(self) -> list[dict]:
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        entries = []
        for line in lines:
            with suppress(ValueError):  # a line truncated by a full disk
                entries.append(json.loads(line))
        return entries

    @property
    def _path(self) -> Path:
        return environment.scratch() / "journal.jsonl"


def _revision() -> str | None:
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None
