"""Near copies: faces that are almost the same image, such as reduced, compressed, brightened or
shifted ones.

They are found by a difference hash: the signs of the differences between neighbours in a grid of
16 x 16 means, in integer arithmetic, so that the result is the same on every processor.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

GRID = 16
MOST = 64
"""The most of the 480 signs that may differ between near copies. Among 800 faces of CelebA-HQ and
200 of CelebA, different pictures differ in at least 109 signs; copies reduced to a third,
compressed to quality 20, brightened or moved by a pixel differ in at most 72 in 99 of 100 cases."""
_WEIGHTS = np.array((299, 587, 114))  # of red, green and blue in the luma
_TILE = 4096
_SOME = 1 << 16  # pairs that are compared at once


def difference_hashes(images: np.ndarray) -> np.ndarray:
    """(N, 15) uint32, each hash's 480 bits, of (N, R, R, 3) uint8; R is a multiple of 16."""
    count, side = images.shape[:2]
    rows = images.reshape(count, GRID, side // GRID, side * 3).sum(2, np.uint16)  # of 64 at most
    means = rows.reshape(count, GRID, GRID, side // GRID, 3).sum(3, np.int64) @ _WEIGHTS
    signs = [np.diff(means, axis=axis).reshape(count, -1) > 0 for axis in (1, 2)]
    return np.packbits(np.concatenate(signs, axis=1), axis=1).view(np.uint32)


def near_pairs(hashes: np.ndarray, rows: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """Near copies of the given rows: pairs of rows and the number of signs that differ.

    Each pair is reported once, the given row first.
    """
    rows = np.fromiter(rows, np.int64)
    given = np.zeros(len(hashes), bool)
    given[rows] = True
    for start in range(0, len(rows), _TILE):
        some = rows[start : start + _TILE]
        left = _half_of_signs(hashes[some])
        for first in range(0, len(hashes), _TILE):
            others = slice(first, first + _TILE)
            if given[others].all() and first + _TILE <= some.min():
                continue  # these pairs have been reported, the other way round
            alike = (
                left @ _half_of_signs(hashes[others]).T
            )  # those that agree less those that differ
            i, j = np.nonzero(alike >= left.shape[1] - 2 * MOST)
            for at in range(0, len(i), _SOME):
                ones, twos = some[i[at : at + _SOME]], first + j[at : at + _SOME]
                differing = np.bitwise_count(hashes[ones] ^ hashes[twos]).sum(axis=1)
                near = (differing <= MOST) & ((ones < twos) | (ones > twos) & ~given[twos])
                found = (ones[near].tolist(), twos[near].tolist(), differing[near].tolist())
                yield from zip(*found, strict=True)


def _half_of_signs(hashes: np.ndarray) -> np.ndarray:
    """(N, 240) float32, -1 or 1, which holds their sums exactly."""
    signs = np.unpackbits(hashes.view(np.uint8), axis=1)[:, ::2].astype(np.float32)
    return 2 * signs - 1


def joined(groups: Mapping[str, str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Groups by name, merged where a pair connects them."""
    into: dict[str, str] = {}

    def last(group: str) -> str:
        while group in into:
            group = into[group]
        return group

    for one, other in pairs:
        low, high = sorted((last(groups[one]), last(groups[other])))
        if low != high:
            into[high] = low
    return {name: last(group) for name, group in groups.items()}


def across(
    names: Sequence[str], hashes: np.ndarray, subset_of: Mapping[str, str]
) -> list[tuple[str, str, str, str, int]]:
    """Near copies in different sets: name, set, name, set, difference.

    Faces in no set are ignored.
    """
    used = [row for row, name in enumerate(names) if name in subset_of]
    used_hashes = hashes[used]
    held_out = [n for n, row in enumerate(used) if subset_of[names[row]] != "train"]
    found = []
    for one, other, difference in near_pairs(used_hashes, held_out):
        pair = sorted((names[used[one]], names[used[other]]))
        subsets = [subset_of[name] for name in pair]
        if subsets[0] != subsets[1]:
            found.append((pair[0], subsets[0], pair[1], subsets[1], difference))
    return sorted(found)
