"""The photographs of a data set: a folder of any depth, or a zip file read in place."""

import errno
import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np

from wnet.photographs.images import SUFFIXES, OversizedImage, UnreadableImage

# What zipfile raises on damage, beside OSError, which is the disk's word.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    RuntimeError,  # a password is needed; NotImplementedError is one too
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile inflates others without a limit


@dataclass(frozen=True)
class Photographs:
    """What lies in a data set's folder.

    Attributes:
        folder: where it lies.
        archive: the zip file that holds the photographs, or None where they are files.
        names: the photographs, sorted: paths below the folder (or in the zip), with forward
            slashes. The name is the key of the photograph in everything that is made of it.
        others: how many files were passed over because no image format has their suffix.
    """

    folder: Path
    archive: Path | None
    names: tuple[str, ...]
    others: int

    def read(self, name: str, most: int) -> bytes:
        """The bytes of one photograph, `most` at most.

        Raises OversizedImage for more, of which nothing is read; UnreadableImage for a damaged or
        locked zip entry; OSError for a file that has vanished or that the disk refuses, which says
        nothing about the photograph and is no reason to leave it out.
        """
        try:
            if self.archive is not None:
                return _entry(self.archive, name, most)
            with (self.folder / name).open("rb") as file:
                _check_length(os.fstat(file.fileno()).st_size, most)
                return file.read()
        except OSError as error:
            raise OSError(
                f"{self.archive or self.folder / name}: {error.strerror or error}; it was there"
                " when the stage began. Bring it back or take it out; the same command goes on"
            ) from error

    def annotated(self, rows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Rows of an annotation, which goes by file names without folders, by photograph.

        Raises ValueError where a row could be of two photographs.
        """
        files = {name: PurePosixPath(name).name for name in self.names}
        found = {name: file for name, file in files.items() if file in rows}
        for file, count in Counter(found.values()).items():
            if count > 1:
                raise ValueError(
                    f"{self.folder}: {count} photographs are called {file!r}, and the annotation"
                    " has one row for them; rename them"
                )
        return {name: rows[file] for name, file in found.items()}


def find_photographs(folder: Path) -> Photographs:
    """List the photographs of a data set's folder.

    Files are told by their suffix alone; hidden files and folders, and what macOS adds to
    archives, are left out. Raises FileNotFoundError or ValueError where there is nothing to list,
    where something cannot be looked into, and for names that cannot be keys.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder; put the photographs there")
    found = [path.relative_to(folder).as_posix() for path in _files(folder)]
    archives = [name for name in found if PurePosixPath(name).suffix.lower() == ".zip"]
    archive = folder / archives[0] if archives else None
    if len(archives) > 1:
        raise ValueError(f"{folder}: {len(archives)} zip files, where one or none is expected")
    if archive:
        if beside := next(filter(_is_photograph, found), None):
            raise ValueError(f"{folder}: {beside!r} lies beside {archives[0]}; keep one of the two")
        found = [name for name in _entries(archive) if not _hidden(name)]
    names = sorted(filter(_is_photograph, found))
    if not names:
        raise ValueError(
            f"{archive or folder}: no photograph in it (looked for {sorted(SUFFIXES)})"
        )
    for name in names:
        _check_name(archive or folder, name)
    return Photographs(folder, archive, tuple(names), len(found) - len(names))


def _files(folder: Path) -> Iterator[Path]:
    """Visible files at any depth. What a stage could not read later is an error now."""
    for parent, folders, files in os.walk(folder, onerror=_unlisted):
        folders[:] = [name for name in folders if not _hidden(name)]
        for name in folders:
            if (Path(parent) / name).is_symlink():
                raise ValueError(
                    f"{Path(parent) / name}: a linked folder, which is not looked into (it could"
                    " lead in a circle); link its photographs one by one"
                )
        for path in (Path(parent) / name for name in files if not _hidden(name)):
            if _is_photograph(path.name) or path.suffix.lower() == ".zip":
                _check_readable(path)
            yield path


def _unlisted(error: OSError) -> None:
    raise ValueError(f"{error.filename}: {error.strerror}; what lies in it cannot be told")


def _check_readable(path: Path) -> None:
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}; a link to nothing?") from error
    if not regular:
        raise ValueError(f"{path}: called like a photograph, and neither a file nor a folder")


def _check_name(place: Path, name: str) -> None:
    """Raise ValueError for a name that leads out of its folder, or that no shard can hold."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{place}: the name {name!r} is not UTF-8; rename it") from error
    if name.startswith("/") or ".." in PurePosixPath(name).parts:
        raise ValueError(f"{place}: {name!r} leads out of it; take it out or rename it")


def _is_photograph(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in parts)


def _entries(archive: Path) -> list[str]:
    _opened.cache_clear()  # it may be another file by now
    named = [entry.filename for entry in _opened(archive).infolist()]
    entries = [name for name in named if not name.endswith("/")]  # is_dir() fails on an empty name
    twice = next((name for name, count in Counter(entries).items() if count > 1), None)
    if twice is not None:
        raise ValueError(f"{archive}: two entries have one name, {twice!r}")
    return entries


def _entry(archive: Path, name: str, most: int) -> bytes:
    """One entry. What the archive says of its length is held to, whatever there is to inflate."""
    try:
        entry = _opened(archive).getinfo(name)
        _check_length(entry.file_size, most)
        if entry.compress_type not in _METHODS:
            raise NotImplementedError(f"compression method {entry.compress_type}")
        with _opened(archive).open(entry) as file:
            return file.read(entry.file_size + 1)
    except (*_DAMAGE, OSError) as error:
        if not _is_damage(error):
            raise
        raise UnreadableImage(f"in {archive.name}: {error}") from error


def _is_damage(error: Exception) -> bool:
    """Whether the archive is wrong, not the disk: its word may also lead before its beginning."""
    return not isinstance(error, OSError) or error.errno == errno.EINVAL


def _check_length(length: int, most: int) -> None:
    if length > most:
        raise OversizedImage(f"has {length} bytes, more than {most}")


@lru_cache(maxsize=1)
def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except (*_DAMAGE, OSError) as error:
        if not _is_damage(error):
            raise
        raise ValueError(f"{archive}: no whole zip file ({error}); copy it anew") from error
