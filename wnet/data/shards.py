"""The HDF5 layout of prepared faces: the only module that knows it.

A shard is one HDF5 file of up to a few thousand faces; a folder of shards is a data set. Every
column is one contiguous, uncompressed array whose first axis counts faces, so the bytes of a column
can be mapped straight from disk, and the same content always makes the same file. Faces are keyed
by `name`, and columns of different folders are paired by that key alone.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np
from xxhash import xxh3_128_hexdigest

SCHEMA = 2
CHECKSUM = "xxh3_128"  # as fast as memory, so that nothing is read unverified for speed
SUFFIX = ".h5"


class DamagedShard(Exception):
    """A shard that is not whole, not ours, or not what it says; the message names file and cure."""


def write_shard(path: Path, columns: Mapping[str, np.ndarray], made_by: Mapping) -> None:
    """Write one shard beside its place and rename it when it is whole and on disk.

    `columns` must hold `name`, an array of distinct strings; every column has one row a face.
    `made_by` is JSON-serialisable: the stage, its parameters, the versions that affect results.
    """
    rows = len(columns["name"])
    if rows == 0 or len(set(columns["name"])) != rows:
        raise ValueError(f"{path}: a shard needs at least one face, and distinct names")
    part = path.with_suffix(".part")
    with h5py.File(part, "w") as file:
        file.attrs["schema"] = SCHEMA
        file.attrs["made_by"] = json.dumps(made_by, sort_keys=True)
        for key, values in columns.items():
            array = _encoded(values) if key == "name" else np.ascontiguousarray(values)
            if len(array) != rows:
                raise ValueError(f"{path}: column {key} has {len(array)} rows, not {rows}")
            dataset = file.create_dataset(key, data=array)
            dataset.attrs[CHECKSUM] = _digest(array)
    _flush_to_disk(part)
    part.replace(path)


def read_shard(path: Path, *keys: str) -> dict[str, np.ndarray]:
    """Read whole columns of one shard (all of them if none is named), verified by checksum.

    Raises DamagedShard for a file that is truncated, foreign, of another schema or altered.
    """
    try:
        with h5py.File(path, "r") as file:
            _check_schema(path, file)
            columns = {}
            for key in keys or file.keys():
                array = np.empty(file[key].shape, file[key].dtype)
                file[key].read_direct(array)
                _verify(path, file[key], array)
                columns[key] = _decoded(array) if key == "name" else array
            return columns
    except (OSError, KeyError) as error:
        raise DamagedShard(f"{path}: {error}; {_CURE}") from error


def made_by(path: Path) -> dict:
    """What was recorded of the making of a shard: stage, parameters, versions."""
    try:
        with h5py.File(path, "r") as file:
            _check_schema(path, file)
            return json.loads(file.attrs["made_by"])
    except (OSError, KeyError) as error:
        raise DamagedShard(f"{path}: {error}; {_CURE}") from error


def columns_of(path: Path) -> list[str]:
    """The names of a shard's columns."""
    try:
        with h5py.File(path, "r") as file:
            _check_schema(path, file)
            return list(file.keys())
    except OSError as error:
        raise DamagedShard(f"{path}: {error}; {_CURE}") from error


class Shards:
    """A folder of shards, read by the names of its faces.

    Attributes:
        paths, lengths: the shards in order, and how many faces each holds.
        names: (N,) the names of all faces in order.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.paths = sorted(folder.glob(f"*{SUFFIX}"))
        if not self.paths:
            raise DamagedShard(f"{folder}: no shards; {_CURE}")
        by_shard = [read_shard(path, "name")["name"] for path in self.paths]
        self.lengths = [len(names) for names in by_shard]
        self.names = np.concatenate(by_shard)
        self._place = {
            name: (shard, row)
            for shard, names in enumerate(by_shard)
            for row, name in enumerate(names.tolist())
        }
        if len(self._place) != len(self.names):
            raise DamagedShard(f"{folder}: a name stands in two shards; {_CURE}")

    def __len__(self) -> int:
        return len(self.names)

    def take(self, names: Iterable[str], *keys: str) -> dict[str, np.ndarray]:
        """Columns for the given names, in their order; every shard is verified.

        No memory is taken but the result's: rows are copied out of the mapped files.
        """
        shard, row = self.places(list(names))
        taken: dict[str, np.ndarray] = {}
        for index in np.unique(shard):
            (where,) = np.nonzero(shard == index)
            for key in keys:
                column = _mapped(self.paths[index], key, verified=True)
                column = _decoded(column) if key == "name" else column
                if key not in taken:
                    taken[key] = np.empty((len(row), *column.shape[1:]), column.dtype)
                if len(where) == where[-1] - where[0] + 1:  # neighbours: straight into their place
                    into = taken[key][where[0] : where[-1] + 1]
                    np.take(column, row[where], axis=0, out=into, mode="clip")
                else:
                    taken[key][where] = column[row[where]]
        return taken

    def bytes_per_face(self, key: str) -> int:
        """Bytes of one row of a column."""
        with h5py.File(self.paths[0], "r") as file:
            return file[key].nbytes // len(file[key])

    def mapped(self, key: str) -> list[np.ndarray]:
        """One column of each shard as a read-only memory map, unverified, for random access."""
        return [_mapped(path, key, verified=False) for path in self.paths]

    def verify(self, key: str) -> None:
        """Read one column of every shard and check it; raises DamagedShard."""
        for path in self.paths:
            _mapped(path, key, verified=True)

    def places(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(N,) number of the shard and (N,) row in it of each name."""
        missing = [name for name in names if name not in self._place]
        if missing:
            raise KeyError(
                f"{self.folder}: {len(missing)} names are not here, {missing[0]!r} first; {_CURE}"
            )
        places = np.array([self._place[name] for name in names], np.int64).reshape(-1, 2)
        return places[:, 0], places[:, 1]


_CURE = "delete the folder and run `dvc repro` (or `dvc checkout`) to have it made again"


def _encoded(names: np.ndarray) -> np.ndarray:
    plain = np.char.encode(np.asarray(names, dtype=str), "utf-8")
    return plain.astype(h5py.string_dtype("utf-8", plain.dtype.itemsize))


def _decoded(names: np.ndarray) -> np.ndarray:
    return np.char.decode(names, "utf-8").astype(object)


def _mapped(path: Path, key: str, verified: bool) -> np.ndarray:
    try:
        with h5py.File(path, "r") as file:
            _check_schema(path, file)
            data = file[key]
            mapped = np.memmap(path, data.dtype, "r", data.id.get_offset(), data.shape)
            column = np.asarray(mapped)  # the class memmap makes every access slower
            if verified:
                _verify(path, data, column)
            return column
    except (OSError, KeyError, ValueError) as error:
        raise DamagedShard(f"{path}: {error}; {_CURE}") from error


def _verify(path: Path, data: h5py.Dataset, column: np.ndarray) -> None:
    if _digest(column) != data.attrs[CHECKSUM]:
        raise DamagedShard(f"{path}: column {data.name[1:]} is altered; {_CURE}")


def _digest(array: np.ndarray) -> str:
    return xxh3_128_hexdigest(array.reshape(-1).view(np.uint8).data)


def _check_schema(path: Path, file: h5py.File) -> None:
    if file.attrs.get("schema") != SCHEMA:
        found = file.attrs.get("schema", "none")
        raise DamagedShard(f"{path}: shard schema {found}, not {SCHEMA}; {_CURE}")


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
