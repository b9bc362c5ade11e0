"""The lists of rejected photographs and of unmatched rows and photographs."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipeline.harness import scratch
from wnet.photographs.keys import photograph_of
from wnet.photographs.names import Match

REJECTED = "rejected.csv"  # in the folder of crops
_REJECTED_COLUMNS = ("name", "reason", "detail")
_UNMATCHED_COLUMNS = ("list", "line", "name", "remark")


def write_rejected(folder: Path, rows: Iterable[dict]) -> None:
    """Write the list of photographs that were not cropped: name, reason, detail."""
    _write(folder / REJECTED, _REJECTED_COLUMNS, rows)


def read_rejected(folder: Path) -> list[dict[str, str]]:
    """Read the list of `write_rejected`; raises FileNotFoundError."""
    with (folder / REJECTED).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def unmatched_of(output: Path) -> Path:
    """The path of an output's table of rows without a photograph, and the reverse."""
    return output.with_name(f"{output.stem}.unmatched.csv")


def write_unmatched(output: Path, rows: Iterable[dict]) -> None:
    """Write the table beside an output: list, line, name, remark."""
    _write(unmatched_of(output), _UNMATCHED_COLUMNS, rows)


def unmatched(matches: Mapping[str, Match], unlisted: str) -> Iterator[dict]:
    """Unmatched and repeated rows, and photographs without a row, whose remark is `unlisted`."""
    for what, found in matches.items():
        for row in found.unmatched:
            yield _remark(what, row.line, row.name, "no such photograph")
        for row in found.repeated:
            yield _remark(what, row.line, row.name, "equal to an earlier row")
        for name in found.unlisted:
            yield _remark(what, "", name, unlisted)


def not_cropped(matches: Mapping[str, Match], faces: Iterable[str]) -> Iterator[dict]:
    """Rows of photographs that were not cropped."""
    here = set(map(photograph_of, faces))
    for what, found in matches.items():
        for name, row in found.rows.items():
            if name not in here:
                yield _remark(what, row.line, row.name, "not cropped")


def _remark(what: str, line: int | str, name: str, remark: str) -> dict:
    return {"list": what, "line": line, "name": name, "remark": remark}


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[dict]) -> None:
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    scratch.write_text(path, file.getvalue())
