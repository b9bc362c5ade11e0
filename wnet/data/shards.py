"""The HDF5 layout of prepared faces: the only module that knows it.

A shard is one HDF5 file of up to a few thousand faces; a folder of shards is a dataset. Every
column is one contiguous, uncompressed array whose first axis counts faces, so the bytes of a column
can be mapped straight from disk, and the same content always makes the same file. Faces are keyed
by `name`, and columns of different folders are paired by that key alone.

Everything is verified before use: HDF5 checks its own structure (all of it has a checksum in the
1.10 format), each column has a checksum, and a folder's index lists the seals of its shards and the
folders that they were made from.

A pool has the unchanged shards of its datasets under new names: in `celeba@00000.h5` the face that
the shard calls `1.jpg` is `celeba/1.jpg`, so that names of two datasets do not collide.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from difflib import get_close_matches
from pathlib import Path

import h5py
import numpy as np
from xxhash import xxh3_128_hexdigest

from wnet.data.name_index import NameIndex, Piece, hashes_of
from wnet.files.atomic import atomic_write

SCHEMA = 4
FORMAT = ("v110", "v110")  # of HDF5; older ones have no checksums of their structure
CHECKSUM = "xxh3_128"  # as fast as memory, so that verifying costs no time
SUFFIX = ".h5"
OF = "@"
"""What separates the dataset from the rest of a shard's file name in a pool."""
INDEX = "index.json"


class DamagedShard(Exception):
    """A shard is incomplete, foreign or altered; the message names the file and what to do."""


def write_shard(path: Path, columns: Mapping[str, np.ndarray]) -> None:
    """Write one shard atomically.

    `columns` must hold `name`, an array of distinct strings; every column has one row per face. In
    a shard of a pool, all names begin with the dataset in its file name.
    """
    rows = len(columns["name"])
    if rows == 0 or len(set(columns["name"])) != rows:
        raise ValueError(f"{path}: a shard needs at least one face, and distinct names")
    arrays = {
        key: _encoded(path, values) if key == "name" else np.ascontiguousarray(values)
        for key, values in sorted(columns.items())
    }
    for key, array in arrays.items():
        if len(array) != rows:
            raise ValueError(f"{path}: column {key} has {len(array)} rows, not {rows}")
    need = sum(array.nbytes for array in arrays.values()) + _STRUCTURE
    with atomic_write(path, need) as part, h5py.File(part, "w", libver=FORMAT) as file:
        file.attrs["schema"] = SCHEMA
        for key, array in arrays.items():
            file.create_dataset(key, data=array).attrs[CHECKSUM] = _digest(array)


def write_index(folder: Path, *made_from: "Shards") -> None:
    """Write the index of a folder: its finished shards, and the folders they were made from.

    `Shards` reads a folder only once it has an index.
    """
    index = {
        "shards": {path.name: _seal(path) for path in sorted(folder.glob(f"*{SUFFIX}"))},
        "made_from": [shards.digest for shards in made_from],
    }
    text = json.dumps(index, indent=1) + "\n"
    with atomic_write(folder / INDEX, len(text)) as part:
        part.write_text(text, encoding="utf-8")


def read_shard(path: Path, *keys: str) -> dict[str, np.ndarray]:
    """Read whole columns of one shard (all of them if none is named), verified by checksum.

    Raises DamagedShard for a file that is truncated, foreign, of another schema or altered, and
    LookupError for a column that it does not have.
    """
    with _opened(path) as file:
        columns = {}
        for key in keys or file.keys():
            data = _column(path, file, key)
            array = np.empty(data.shape, data.dtype)
            data.read_direct(array)
            _verify(path, data, array)
            columns[key] = _decoded(path, array) if key == "name" else array
        return columns


def columns_of(path: Path) -> list[str]:
    """The names of a shard's columns."""
    with _opened(path) as file:
        return list(file.keys())


class Shards:
    """A folder of shards, read by the names of its faces.

    The folder is a Path, or a UPath (of universal-pathlib) on any file system that fsspec supports.
    Local columns are memory-mapped; others are read whole.

    Attributes:
        paths, lengths: the shards in order, and how many faces each holds.
        digest: of everything in the folder.
    """

    def __init__(self, folder: Path):
        """Raises DamagedShard unless the folder has exactly the shards that its index lists."""
        self.folder = folder
        self.paths = sorted(folder.glob(f"*{SUFFIX}"))
        text = _index_of(folder)
        self.digest = xxh3_128_hexdigest(text)
        listed, self._made_from = _parsed(folder, text)
        present = {path.name for path in self.paths}
        for name in sorted(listed.keys() ^ present):
            wrong = "is missing" if name in listed else f"is not in {INDEX}"
            raise DamagedShard(f"{folder / name}: {wrong}; {_CURE}")
        for path in self.paths:
            if _seal(path) != listed[path.name]:
                raise DamagedShard(f"{path}: not the shard that {INDEX} lists; {_CURE}")
        hashes = [hashes_of(self._names_in(path)) for path in self.paths]
        self.lengths = list(map(len, hashes))
        self._ends = np.cumsum(self.lengths)
        self._index = NameIndex(np.concatenate(hashes), self._named)
        if self._index.has_duplicates():
            raise DamagedShard(f"{folder}: a name is in two shards; {_CURE}")

    def __len__(self) -> int:
        return sum(self.lengths)

    @property
    def names(self) -> np.ndarray:
        """(N,) the names of all faces in order, read from the shards each time."""
        return np.concatenate([self._names_in(path) for path in self.paths])

    def check_made_from(self, *others: "Shards") -> None:
        """Raise DamagedShard if the shards that these were made from have changed since."""
        for other in others:
            if other.digest not in self._made_from:
                raise DamagedShard(f"{self.folder}: not made from {other.folder}; {_CURE}")

    def take(self, names: Iterable[str], *keys: str) -> dict[str, np.ndarray]:
        """Columns for the given names, in their order; every shard is verified.

        No memory is needed beyond the result: rows are copied out of the mapped files. Raises
        LookupError for a name or column that is not in the folder.
        """
        shard, row = self.places(list(names))
        taken: dict[str, np.ndarray] = {}
        for index, where in _by_shard(shard):
            for key in keys:
                column = _mapped(self.paths[index], key, verified=True)
                column = _decoded(self.paths[index], column) if key == "name" else column
                if key not in taken:
                    taken[key] = np.empty((len(row), *column.shape[1:]), column.dtype)
                if len(where) == where[-1] - where[0] + 1:  # neighbours: one copy
                    into = taken[key][where[0] : where[-1] + 1]
                    np.take(column, row[where], axis=0, out=into, mode="clip")
                else:
                    taken[key][where] = column[row[where]]
        return taken

    def bytes_per_face(self, key: str) -> int:
        """Bytes of one row of a column."""
        with _opened(self.paths[0]) as file:
            column = _column(self.paths[0], file, key)
            return column.nbytes // len(column)

    def mapped(self, key: str) -> list[np.ndarray]:
        """One column of each shard as a read-only memory map, unverified, for random access."""
        return [_mapped(path, key, verified=False) for path in self.paths]

    def verify(self, key: str) -> None:
        """Read one column of every shard and check it; raises DamagedShard."""
        for path in self.paths:
            _mapped(path, key, verified=True)

    def places(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Shard number (N,) and row (N,) of each name; raises LookupError for an unknown name."""
        rows = self._index.rows(names)
        (missing,) = np.nonzero(rows < 0)
        if len(missing):
            name, more = names[missing[0]], len(missing) - 1
            few = self.names if len(self) <= _FEW else ()
            near = get_close_matches(str(name), few, n=1)
            like = self._names_in(self.paths[0])[0]
            raise LookupError(
                f"{self.folder}: no face is named {name!r}"
                + (f" (and {more} more);" if more else ";")
                + (f" did you mean {near[0]!r}?" if near else f" names are like {like!r}.")
                + " If the split is older than the faces, run `dvc repro`"
            )
        return self._places(rows)

    def _places(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Shard numbers, and rows in these, of rows in the folder."""
        shard = np.searchsorted(self._ends, rows, side="right")
        return shard, rows - (self._ends - self.lengths)[shard]

    def _named(self, rows: np.ndarray) -> Iterator[Piece]:
        """The names in rows of the folder, shard by shard; each is verified."""
        shard, row = self._places(rows)
        for index, where in _by_shard(shard):
            column = _mapped(self.paths[index], "name", verified=True)
            yield where, _decoded(self.paths[index], column[row[where]])

    @staticmethod
    def _names_in(path: Path) -> np.ndarray:
        return read_shard(path, "name")["name"]


_STRUCTURE = 1 << 16  # the most bytes of a shard that belong to no column
_FEW = 50_000  # names, among which a similar one is found within a second
_CURE = "delete the folder and run `dvc repro` (or `dvc checkout`) to have it made again"


def _column(path: Path, file: h5py.File, key: str) -> h5py.Dataset:
    """A column; an unknown name raises LookupError, as it is the caller's error, not damage."""
    if key not in file:
        raise LookupError(f"{path}: has no column {key!r}; it has {', '.join(file)}")
    return file[key]


def _begin(path: Path) -> str:
    """The prefix of the face names of a pool's shard, which the shard itself does not store."""
    dataset, of, _ = path.name.partition(OF)
    return f"{dataset}/" if of else ""


def _encoded(path: Path, names: np.ndarray) -> np.ndarray:
    begin, names = _begin(path), np.asarray(names, dtype=str)
    if not np.char.startswith(names, begin).all():
        raise ValueError(f"{path}: all its names begin with {begin}")
    plain = np.char.encode([name[len(begin) :] for name in names.tolist()], "utf-8")
    return plain.astype(h5py.string_dtype("utf-8", plain.dtype.itemsize))


def _decoded(path: Path, names: np.ndarray) -> np.ndarray:
    begin = _begin(path)
    return np.array([begin + name.decode() for name in names.tolist()], dtype=object)


def _by_shard(shard: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Each shard's number, and where in the array (N,) of such numbers it is."""
    order = np.argsort(shard, kind="stable")
    numbers, starts = np.unique(shard[order], return_index=True)
    return zip(numbers.tolist(), np.split(order, starts[1:]), strict=False)


def _mapped(path: Path, key: str, verified: bool) -> np.ndarray:
    with _opened(path) as file:
        data = _column(path, file, key)
        if isinstance(path, Path):
            mapped = np.memmap(path, data.dtype, "r", data.id.get_offset(), data.shape)
            column = np.asarray(mapped)  # np.memmap objects are slower to access
        else:
            column = data[()]
        if verified:
            _verify(path, data, column)
        return column


def _verify(path: Path, data: h5py.Dataset, column: np.ndarray) -> None:
    if _digest(column) != data.attrs[CHECKSUM]:
        raise DamagedShard(f"{path}: column {data.name[1:]} is altered; {_CURE}")


def _digest(array: np.ndarray) -> str:
    return xxh3_128_hexdigest(array.reshape(-1).view(np.uint8).data)


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    """A shard of this schema, opened read-only; HDF5's errors become DamagedShard."""
    try:
        content = nullcontext(path) if isinstance(path, Path) else path.open("rb")
        with content as readable, h5py.File(readable, "r") as file:
            found = file.attrs.get("schema", "none")
            if found != SCHEMA:
                raise DamagedShard(f"{path}: shard schema {found}, not {SCHEMA}; {_CURE}")
            yield file
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        first = str(error).strip("'\"").split("\n")[0]
        raise DamagedShard(f"{path}: {first}; {_CURE}") from error


def _seal(path: Path) -> str:
    """Digest of a shard's columns and their checksums."""
    with _opened(path) as file:
        columns = {
            key: [str(data.dtype), data.shape, data.attrs[CHECKSUM]] for key, data in file.items()
        }
        said = json.dumps(columns, sort_keys=True)
        return xxh3_128_hexdigest(said.encode())


def _index_of(folder: Path) -> bytes:
    try:
        return (folder / INDEX).read_bytes()
    except OSError as error:
        what = f"no {INDEX}" if any(folder.glob(f"*{SUFFIX}")) else "no shards"
        raise DamagedShard(f"{folder}: {what}; {_CURE}") from error


def _parsed(folder: Path, text: bytes) -> tuple[dict[str, str], list[str]]:
    try:
        index = json.loads(text)
        return dict(index["shards"]), list(index["made_from"])
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedShard(f"{folder / INDEX}: not an index of shards; {_CURE}") from error
