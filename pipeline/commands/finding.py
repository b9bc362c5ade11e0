"""A finding of `wnet doctor`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One line: `ok`, `warn` (works, but read this) or `problem` (`dvc repro` would fail)."""

    state: Literal["ok", "warn", "problem"]
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.state:8} {self.subject:10} {self.text}"
