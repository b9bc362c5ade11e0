"""The photographs of a dataset: a folder of any depth, or a zip file read in place."""

import errno
import os
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from wnet.photographs.formats import HEAD
from wnet.photographs.keys import photograph_of
from wnet.photographs.passed_over import edited_among, has_suffix, is_passed_over, is_photograph
from wnet.photographs.refusals import OversizedImage, UnreadableImage

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
_LONGEST = 1 << 28  # bytes of a list; CelebA's longest has 26 MB
_PACKED = re.compile(
    r"\.(zip|7z|rar|tar|t[gx]z|tbz2?|gz|bz2|xz|zst)(\.\d+)?$|\.z\d\d$", re.IGNORECASE
)
_IS_UTF8 = 0x800  # flag of an entry whose name zipfile has not read as code page 437
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile inflates others without a limit


@dataclass(frozen=True)
class Photographs:
    """What is in a dataset's folder.

    Attributes:
        folder: its path.
        archive: the zip file that holds the photographs, or None where they are files.
        names: the photographs, sorted: paths below the folder (or in the zip), with forward
            slashes. The name is the key of the photograph in everything that is made of it.
        others: the files that are no pictures, by their suffix and their first bytes, named
            likewise; where there is an archive, those in it and those beside it.
        passed_over: how many are called like photographs and are none: hidden, thumbnails, masks,
            edited versions of others, results of `wnet upscale`.
    """

    folder: Path
    archive: Path | None
    names: tuple[str, ...]
    others: tuple[str, ...]
    passed_over: int

    def read(self, name: str, most: int) -> bytes:
        """The bytes of one photograph, `most` at most.

        Raises OversizedImage for more, of which nothing is read; UnreadableImage for a damaged or
        locked zip entry; OSError for a file that has vanished or that the disk refuses, which says
        nothing about the photograph and is no reason to leave it out.
        """
        try:
            if self.archive is not None:
                return _entry(self.archive, name, most)
            return read_bounded(self.folder / name, most)
        except OSError as error:
            raise OSError(
                f"{self.archive or self.folder / name}: {error.strerror or error}; it was there"
                " when the stage began. Restore it or remove it; the same command resumes"
            ) from error

    def head(self, name: str) -> bytes:
        """The first bytes of one photograph; none of what cannot be read."""
        return _head_of_entry(self.archive, name) if self.archive else head_of(self.folder / name)

    def read_other(self, name: str) -> bytes:
        """The bytes of one of the others. Raises ValueError for a damaged or overlong one."""
        try:
            if self._packed(name):
                return _entry(self.archive, name, _LONGEST)
            if wrong := what_is_wrong(self.folder / name):
                raise ValueError(f"{self.folder / name}: {wrong}")
            return read_bounded(self.folder / name, _LONGEST)
        except UnreadableImage as error:
            raise ValueError(f"{self.where(name)}: {error}") from error

    def where(self, name: str) -> str:
        """What messages call one of the others."""
        return str((self.archive if self._packed(name) else self.folder) / name)

    def _packed(self, name: str) -> bool:
        return self.archive is not None and name in _opened(self.archive).NameToInfo


def find_photographs(folder: Path) -> Photographs:
    """List the photographs of a dataset's folder.

    A file is one by its suffix, or by its first bytes where that says nothing. Raises
    FileNotFoundError or ValueError where there is nothing to list, where something cannot be looked
    into, and for names that cannot be keys.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder; put the photographs there")
    found = [path.relative_to(folder).as_posix() for path in files_below(folder, _refuse)]
    beside: list[str] = []
    archives = [name for name in found if PurePosixPath(name).suffix.lower() == ".zip"]
    archive = folder / archives[0] if archives else None
    if len(archives) > 1:
        raise ValueError(f"{folder}: {len(archives)} zip files, where one or none is expected")
    hidden = count_passed_over(folder)
    if archive:
        if also := next(filter(has_suffix, found), None):
            raise ValueError(f"{folder}: {also!r} is beside {archives[0]}; keep one of the two")
        beside = [name for name in found if name not in archives]
        entries = _entries(archive)
        found = [name for name in entries if not is_passed_over(name)]
        hidden = sum(map(has_suffix, entries)) - sum(map(has_suffix, found))
    place = Photographs(folder, archive, (), (), 0)
    pictures = {name for name in found if is_photograph(name, place.head)}
    names = sorted(pictures - edited_among(pictures))
    if not names:
        packed = packed_among(found)
        cure = f"unpack {packed[0]}" if packed else "put files or one .zip there"
        raise ValueError(f"{archive or folder}: has no photograph; {cure}")
    for name in names:
        _check_name(archive or folder, name)
    left = set(found).difference(names)
    others = {name for name in left if not has_suffix(name)}.union(beside)
    hidden += len(left) - sum(not has_suffix(name) for name in left)
    return Photographs(folder, archive, tuple(names), tuple(sorted(others)), hidden)


def files_below(folder: Path, refuse: Callable[[Path, str], None]) -> Iterator[Path]:
    """Visible files at any depth; `refuse` is told what cannot be looked into or read, and why."""
    for parent, folders, files in os.walk(folder, onerror=lambda error: _unlisted(error, refuse)):
        below = Path(parent).relative_to(folder).as_posix()
        folders[:] = [name for name in sorted(folders) if not is_passed_over(f"{below}/{name}")]
        for name in folders:
            if (Path(parent) / name).is_symlink():
                why = "a linked folder, which is not looked into (it could lead in a circle)"
                refuse(Path(parent) / name, f"{why}; link its photographs one by one")
        seen = (name for name in sorted(files) if not is_passed_over(f"{below}/{name}"))
        for path in (Path(parent) / name for name in seen):
            called = has_suffix(path.name) or path.suffix.lower() == ".zip"
            if wrong := what_is_wrong(path) if called else None:
                refuse(path, wrong)
            else:
                yield path


def what_is_wrong(path: Path) -> str | None:
    """Why a file cannot be a photograph, whatever it is called; None where it can."""
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        return f"{error.strerror}; a link to nothing?" if path.is_symlink() else error.strerror
    return None if regular else "called like a photograph, and neither a file nor a folder"


def read_bounded(path: Path, most: int) -> bytes:
    """A file's bytes; raises OversizedImage for more than `most`, of which nothing is read."""
    with path.open("rb") as file:
        _check_length(os.fstat(file.fileno()).st_size, most)
        return file.read()


def head_of(path: Path) -> bytes:
    """The first bytes of a file; none of what cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return b""
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""


def packed_among(names: Iterable[str]) -> list[str]:
    """Files that are called like archives or their volumes."""
    return [name for name in names if _PACKED.search(name)]


def count_passed_over(folder: Path) -> int:
    """How many files below a folder are called like photographs, and are hidden or a system's."""
    below = (
        (Path(parent).relative_to(folder) / name).as_posix()
        for parent, _, files in os.walk(folder)
        for name in files
        if has_suffix(name)
    )
    return sum(map(is_passed_over, below))


def _refuse(path: Path, why: str) -> None:
    raise ValueError(f"{path}: {why}")


def _unlisted(error: OSError, refuse: Callable[[Path, str], None]) -> None:
    refuse(Path(error.filename), f"{error.strerror}; its contents are unknown")


def _check_name(place: Path, name: str) -> None:
    """Raise ValueError for a name that leads out of its folder, or that no shard can hold."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{place}: the name {name!r} is not UTF-8; rename it") from error
    if name.startswith("/") or ".." in PurePosixPath(name).parts:
        raise ValueError(f"{place}: {name!r} is a path outside it; remove or rename it")
    if photograph_of(name) != name:
        raise ValueError(
            f"{place}: {name!r} is named like a further face of a photograph; rename it, or give"
            " it its suffix"
        )


def _entries(archive: Path) -> list[str]:
    _opened.cache_clear()  # it may be another file by now
    named = [entry.filename for entry in _opened(archive).infolist()]
    entries = [name for name in named if not name.endswith("/")]  # is_dir() fails on an empty name
    twice = next((name for name, count in Counter(entries).items() if count > 1), None)
    if twice is not None:
        raise ValueError(f"{archive}: two entries have the same name, {twice!r}")
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


def _head_of_entry(archive: Path, name: str) -> bytes:
    try:
        entry = _opened(archive).getinfo(name)
        if entry.compress_type not in _METHODS:
            return b""
        with _opened(archive).open(entry) as file:
            return file.read(HEAD)
    except (*_DAMAGE, OSError):
        return b""


def _is_damage(error: Exception) -> bool:
    """Whether the error means a damaged archive, not a failing disk. An offset before the file's
    beginning is damage too, and an OSError (EINVAL)."""
    return not isinstance(error, OSError) or error.errno == errno.EINVAL


def _check_length(length: int, most: int) -> None:
    if length > most:
        raise OversizedImage(f"has {length} bytes, more than {most}")


@lru_cache(maxsize=1)
def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        opened = zipfile.ZipFile(archive)
    except (*_DAMAGE, OSError) as error:
        if not _is_damage(error):
            raise
        raise ValueError(f"{archive}: not a complete zip file ({error}); copy it again") from error
    for entry in opened.infolist():
        entry.filename = _utf8(entry).replace("\\", "/")  # of a program for Windows
    opened.NameToInfo = {entry.filename: entry for entry in opened.infolist()}
    return opened


def _utf8(entry: zipfile.ZipInfo) -> str:
    """The entry's name: Finder and others write UTF-8 without the flag that says so."""
    if entry.flag_bits & _IS_UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode()
    except UnicodeError:  # it is in another encoding
        return entry.filename
