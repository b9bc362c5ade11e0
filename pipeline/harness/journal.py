"""The untracked log of runs: when, where and how fast, which no tracked output may hold."""

import json
import platform
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path

from pipeline.harness import environment


class Journal:
    """Notes one stage's run, from now on, in `<scratch>/journal.jsonl`."""

    def __init__(self, stage: str, item: str, **facts):
        self._entry = {"stage": stage, "item": item, "host": platform.node(), **facts}
        self._entry["begun"] = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._entry["revision"] = _revision()
        self._started = time.monotonic()

    def note(self, faces: int) -> None:
        """Append the entry; `faces` is how many have been worked on."""
        seconds = time.monotonic() - self._started
        rate = round(faces / seconds, 2) if seconds else None
        entry = {**self._entry, "seconds": round(seconds, 1), "faces": faces, "faces_per_s": rate}
        path: Path = environment.scratch() / "journal.jsonl"
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def _revision() -> str | None:
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None
