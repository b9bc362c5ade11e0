"""The input and the output rows of a part of `gpu_card.py`."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Row = dict
"""`part`, `what`, and either `figures` (values by name), `skipped` or `failed` (a reason)."""


@dataclass(frozen=True)
class Card:
    """The device, the time limit, and the results of earlier parts.

    Attributes:
        device: its name in torch. reduced: use small networks and few steps, to show that it works.
        until: when the part must have ended, by time.monotonic.
        rows: the rows of earlier parts.
    """

    device: str
    reduced: bool
    until: float
    rows: list[Row]

    @property
    def on_cuda(self) -> bool:
        """Whether the device is a GPU."""
        return self.device.startswith("cuda")

    def left(self) -> float:
        """The seconds left."""
        return self.until - time.monotonic()

    def figure(self, part: str, what: str, name: str) -> float | None:
        """A figure of an earlier part; None if unknown."""
        for row in self.rows:
            if (row["part"], row["what"]) == (part, what):
                return row.get("figures", {}).get(name)
        return None


def attempts(
    card: Card, part: str, jobs: Iterable[tuple[str, Callable[[], dict]]], least: float = 0.0
) -> Iterator[Row]:
    """Yield a row per job, until less time is left than the last one took (or `least`)."""
    import torch

    needed = least
    for what, job in jobs:
        row = {"part": part, "what": what}
        if card.left() < needed:
            yield row | {"skipped": f"{max(card.left(), 0):.0f} s left, {needed:.0f} s needed"}
            continue
        begun = time.monotonic()
        try:
            yield row | {"figures": job()}
        except torch.OutOfMemoryError:
            yield row | {"skipped": "needs more memory than the device has"}
        except ImportError as error:
            yield row | {"skipped": f"{error}"}
        except Exception as error:  # a failing variant must not stop the others
            yield row | {"failed": f"{type(error).__name__}: {error}"[:400]}
        needed = max(least, time.monotonic() - begun)


def line(row: Row) -> str:
    """A row of the Markdown table."""
    for word in ("skipped", "failed"):
        if word in row:
            return f"| {row['part']} | {row['what']} | {word}: {' '.join(row[word].split())} |"
    figures = ", ".join(f"{name} {_short(value)}" for name, value in row["figures"].items())
    return f"| {row['part']} | {row['what']} | {figures} |"


def _short(value) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
