"""The scores of evaluations as lines of text, for the terminal, and the address of their page."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.pages.scores import Compared, read_headline
from wnet.counted import counted


def score_table(metrics: Path, names: Iterable[str], page: Path) -> Iterator[str]:
    """A table of the main scores of each evaluation, and the address of the page."""
    rows: list[tuple[str, ...]] = []
    for name in names:
        scores = read_headline(metrics, name, None)
        found = [row for row in scores.headline.values() if row.measured]
        faces = counted(scores.quality["faces"], "face")
        rows.append((f"{name}, {faces}", *(row.score.heading for row in found)))
        rows.append(("  bicubic", *(_figure(row, row.bicubic) for row in found)))
        if scores.has_network:
            rows.append(("  network", *(_figure(row, row.network) for row in found)))
    widths = [max(map(len, cells)) for cells in _columns(rows)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=False))
        yield "  ".join([first.ljust(widths[0]), *cells])
    yield f"The pages: {page.resolve().as_uri()}"


def _figure(row: Compared, value: float | None) -> str:
    return "-" if value is None else f"{value:.{row.score.digits}f}"


def _columns(rows: list[tuple[str, ...]]) -> Iterator[list[str]]:
    for place in range(max(map(len, rows), default=0)):
        yield [row[place] for row in rows if place < len(row)]
