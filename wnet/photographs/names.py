"""The rule by which rows of a list are matched with photographs.

A row matches the photograph with exactly its path. Otherwise it matches a photograph whose file
name is the same except for suffix, case, the form of accents (composed or decomposed) and repeated
spaces. Of several such photographs it matches the one in the folders that the row names, compared
from the last folder up; then the one with its suffix; then the one with its case. Slashes may lean
either way. If several are still left, the row is refused. A row that resembles no photograph is
decoded as in a URL (`%20`) and then matched in the same way.

If folders contradict (`c/1.jpg`, but only `a/1.jpg` exists), the row matches only if the list names
no folder that exists here: then it was written for a copy of the data in another place.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from wnet.photographs.lists import Listed, Row, is_title
from wnet.photographs.passed_over import has_suffix


@dataclass(frozen=True)
class Match:
    """The matches of the rows of a list with photographs.

    Attributes:
        listed: the list.
        rows: by photograph, in the photographs' order.
        unmatched: rows without a photograph. repeated: rows that equal an earlier one.
        unlisted: photographs without a row.
    """

    listed: Listed
    rows: Mapping[str, Row]
    unmatched: tuple[Row, ...]
    unlisted: tuple[str, ...]
    repeated: tuple[Row, ...] = ()

    def counts(self) -> dict[str, int]:
        """The number of rows, of matched rows, and of photographs."""
        return {
            "rows": len(self.rows) + len(self.unmatched) + len(self.repeated),
            "matched": len(self.rows),
            "photographs": len(self.rows) + len(self.unlisted),
        }


def match(listed: Listed, names: Sequence[str]) -> Match:
    """Find the photograph of each row.

    Raises ValueError, naming file and line, for a row that matches several photographs and for a
    second, different row of one photograph; also for a list without rows, or without a match.
    """
    rows, repeated = _once(listed.rows[_is_count(listed.rows) :])
    found = _found(rows, listed.where, names)
    taken = {row.line for row in found.values()}
    rows = [
        row for row in rows if row.line in taken or not row.name.startswith("#")
    ]  # without comments
    if rows and rows[0].line not in taken and _is_heading(rows):
        rows = rows[1:]
    if not rows:
        raise ValueError(f"{listed.where}: has no rows")
    if not found:
        raise ValueError(
            f"{listed.where}: none of its {len(rows)} rows matches a photograph here; it"
            f" has {rows[0].name!r} in line {rows[0].line}, but a photograph here is {names[0]!r}"
        )
    return Match(
        listed,
        {name: found[name] for name in names if name in found},
        tuple(row for row in rows if row.line not in taken),
        tuple(name for name in names if name not in found),
        tuple(row for row in repeated if not row.name.startswith("#")),
    )


def _once(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """The rows without repetitions of earlier ones, and the repetitions."""
    first: dict[tuple[str, ...], Row] = {}
    repeated = [row for row in rows if first.setdefault((row.name, *row.values), row) is not row]
    return list(first.values()), repeated


def _is_count(rows: Sequence[Row]) -> bool:
    """Whether the first row is the number of the others, which are named like pictures."""
    return len(rows) > 1 and _is_heading(rows) and has_suffix(rows[1].name) and not rows[1].values


def _is_heading(rows: Sequence[Row]) -> bool:
    """Whether the first row could be a title or the number of the others."""
    first = rows[0]
    return is_title(first.name) or (not first.values and first.name == str(len(rows) - 1))


@dataclass(frozen=True, order=True)
class _Likeness:
    """How well the paths of two files with similar names agree: greater is better."""

    same_folders: bool
    fitting: bool  # one path's folders are the last ones of the other
    shared: int  # number of last folders in common
    same_suffix: bool
    same_case: bool


@dataclass(frozen=True)
class _Path:
    """A path for comparison: `file` keeps its case, folders do not."""

    folders: tuple[str, ...]
    file: str

    @classmethod
    def of(cls, name: str) -> "_Path":
        *folders, file = _seen(name).replace("\\", "/").split("/")
        return cls(tuple(_plain(part) for part in folders if part not in ("", ".")), file)

    @property
    def stem(self) -> str:
        return _plain(self.file.rpartition(".")[0] if has_suffix(self.file) else self.file)

    def likeness(self, other: "_Path") -> _Likeness:
        shared = 0
        for mine, others in zip(reversed(self.folders), reversed(other.folders), strict=False):
            if mine != others:
                break
            shared += 1
        return _Likeness(
            self.folders == other.folders,
            shared == min(len(self.folders), len(other.folders)),
            shared,
            _plain(self.file) == _plain(other.file),
            self.file.rpartition(".")[0] == other.file.rpartition(".")[0],
        )


def _seen(text: str) -> str:
    """In one form, without marks that no one sees (of direction, of width 0)."""
    if text.isascii():
        return text
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", seen)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


def _found(rows: Iterable[Row], where: str, names: Sequence[str]) -> dict[str, Row]:
    """The rows by photograph."""
    found: dict[str, Row] = {}
    here = set(names)
    others = []
    for row in rows:
        if row.name in here:
            _take(found, row.name, row, where)
        else:
            others.append(row)
    exact = set(found)
    knows_folders = any("/" in name for name in exact)
    strangers = []
    for row, best, candidates in _alike(others, names):
        if not best.fitting:
            strangers.append((row, candidates))
        elif (name := _only(row, candidates, where)) not in exact:  # which has its own row
            knows_folders |= best.shared > 0
            _take(found, name, row, where)
    for row, candidates in [] if knows_folders else strangers:
        if (name := _only(row, candidates, where)) not in exact:
            _take(found, name, row, where)
    return found


def _alike(rows: Iterable[Row], names: Iterable[str]) -> Iterator[tuple[Row, _Likeness, list[str]]]:
    """Rows with the most similar photographs, if any, and their likeness."""
    alike = _by_stem(tuple(names))
    for row in rows:
        ranked = _ranked(row.name, alike) or _ranked(unquote(row.name), alike)
        if ranked:
            best = max(likeness for likeness, _ in ranked)
            yield row, best, [name for likeness, name in ranked if likeness == best]


def _ranked(name: str, alike: Mapping[str, list[tuple[_Path, str]]]) -> list[tuple[_Likeness, str]]:
    """Photographs with similar names, each with its likeness."""
    called = _Path.of(name)
    found = alike.get(called.stem) or alike.get(_plain(called.file)) or ()
    return [(called.likeness(path), photograph) for path, photograph in found]


@lru_cache(maxsize=1)  # cached, since several lists are of the same photographs
def _by_stem(names: tuple[str, ...]) -> dict[str, list[tuple[_Path, str]]]:
    alike: dict[str, list[tuple[_Path, str]]] = defaultdict(list)
    for name in names:
        path = _Path.of(name)
        alike[path.stem].append((path, name))
    return alike


def _only(row: Row, candidates: Sequence[str], where: str) -> str:
    if len(candidates) > 1:
        raise ValueError(
            f"{where}:{row.line}: {row.name!r} matches {candidates[0]!r} and {candidates[1]!r};"
            " give more of its path, or keep one of the two"
        )
    return candidates[0]


def _take(found: dict[str, Row], name: str, row: Row, where: str) -> None:
    if name in found:
        raise ValueError(
            f"{where}:{row.line}: {row.name!r} is a second row of {name!r}, after line"
            f" {found[name].line}"
        )
    found[name] = row
