"""Rows by name, for millions of names that stay where they are."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from xxhash import xxh3_64_intdigest

_AT_ONCE = 1 << 20  # names that are looked up together
Piece = tuple[np.ndarray, np.ndarray]


class NameIndex:
    """The hashes of all names, sorted, with their rows: sixteen bytes a name.

    Two names can have the same hash, so every row that is found is compared with the name there.

    hashes: (N,) uint64, `hashes_of` the names in order. named: reads the names in the given rows,
    piece by piece: yields where in the rows a piece is, and its names.
    """

    def __init__(self, hashes: np.ndarray, named: Callable[[np.ndarray], Iterator[Piece]]):
        self._rows = np.argsort(hashes)
        self._hashes = hashes[self._rows]
        self._named = named

    def has_duplicates(self) -> bool:
        """Whether two rows have the same name."""
        (alike,) = np.nonzero(self._hashes[1:] == self._hashes[:-1])
        pieces = self._named(self._rows[np.union1d(alike, alike + 1)])
        names = [name for _, piece in pieces for name in piece]
        return len(set(names)) != len(names)

    def rows(self, names: Sequence[str]) -> np.ndarray:
        """(N,) int64: the row of each name, -1 for unknown ones."""
        rows = np.empty(len(names), np.int64)
        for start in range(0, len(names), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            rows[some] = self._rows_of(names[some])
        return rows

    def _rows_of(self, names: Sequence[str]) -> np.ndarray:
        wanted, hashes = np.array(names, dtype=object), hashes_of(names)
        rows = np.full(len(names), -1)
        place = np.searchsorted(self._hashes, hashes)
        waiting = np.arange(len(names))
        while len(waiting):
            waiting = waiting[place[waiting] < len(self._hashes)]
            waiting = waiting[self._hashes[place[waiting]] == hashes[waiting]]
            found = self._rows[place[waiting]]
            same = np.empty(len(found), bool)
            for where, piece in self._named(found):
                same[where] = piece == wanted[waiting[where]]
            rows[waiting[same]] = found[same]
            waiting = waiting[~same]
            place[waiting] += 1  # of another name with the same hash
        return rows


def hashes_of(names: Sequence[str]) -> np.ndarray:
    """(N,) uint64: the XXH3 of each name."""
    digests = (xxh3_64_intdigest(str(name).encode("utf-8", "surrogatepass")) for name in names)
    return np.fromiter(digests, np.uint64, len(names))
