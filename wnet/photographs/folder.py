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

# What zipfile raises for damage, besides OSError, which the disk raises.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    RuntimeError,  # a password is needed; NotImplementedError is a subclass
)
_LONGEST = 1 << 28  # bytes of a list; CelebA's longest has 26 MB
_PACKED = re.compile(
    r"\.(zip|7z|rar|tar|t[gx]z|tbz2?|gz|bz2|xz|zst)(\.\d+)?$|\.z\d\d$", re.IGNORECASE
)
_IS_UTF8 = 0x800  # flag of an entry whose name is UTF-8; zipfile reads others as code page 437
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile decompresses others without a limit


@dataclass(frozen=True)
class Photographs:
    """The contents of a dataset's folder.

    Attributes:
        folder: its path.
        archive: the zip file that contains the photographs, or None if they are files.
        names: the photographs, sorted: paths below the folder (or in the zip file), with forward
            slashes. The name is the key of the photograph in all outputs.
        others: the files that are not pictures, judged by suffix and first bytes, named likewise;
            with an archive, those in it and those beside it.
        passed_over: the number of files that are named like photographs but skipped: hidden ones,
            thumbnails, masks, edited versions of others, results of `wnet upscale`.
    """

    folder: Path
    archive: Path | None
    names: tuple[str, ...]
    others: tuple[str, ...]
    passed_over: int

    def read(self, name: str, most: int) -> bytes:
        """The bytes of one photograph, at most `most`.

        Raises OversizedImage for a larger one, without reading it; UnreadableImage for a damaged or
        encrypted zip entry; OSError for a file that has disappeared or cannot be read from the
        disk, which is no reason to reject the photograph.
        """
        try:
            if self.archive is not None:
                return _entry(self.archive, name, most)
            return read_bounded(self.folder / name, most)
        except OSError as error:
            raise OSError(
                f"{self.archive or self.folder / name}: {error.strerror or error}; it existed"
                " when the stage began. Restore or remove it; the same command resumes"
            ) from error

    def head(self, name: str) -> bytes:
        """The first bytes of one photograph; empty if it cannot be read."""
        return _head_of_entry(self.archive, name) if self.archive else head_of(self.folder / name)

    def read_other(self, name: str) -> bytes:
        """The bytes of one of the other files. Raises ValueError for a damaged or overlong one."""
        try:
            if self._packed(name):
                return _entry(self.archive, name, _LONGEST)
            if wrong := what_is_wrong(self.folder / name):
                raise ValueError(f"{self.folder / name}: {wrong}")
            return read_bounded(self.folder / name, _LONGEST)
        except UnreadableImage as error:
            raise ValueError(f"{self.where(name)}: {error}") from error

    def where(self, name: str) -> str:
        """The location of one of the other files, for messages."""
        return str((self.archive if self._packed(name) else self.folder) / name)

    def _packed(self, name: str) -> bool:
        return self.archive is not None and name in _opened(self.archive).NameToInfo


def find_photographs(folder: Path) -> Photographs:
    """List the photographs of a dataset's folder.

    A file is recognised by its suffix or, if that is not conclusive, by its first bytes. Raises
    FileNotFoundError or ValueError if there are none, if a folder or file cannot be read, and for
    names that cannot be used as keys.
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
    """Visible files at any depth; `refuse` is called for a path that cannot be read, with the
    reason."""
    for parent, folders, files in os.walk(folder, onerror=lambda error: _unlisted(error, refuse)):
        below = Path(parent).relative_to(folder).as_posix()
        folders[:] = [name for name in sorted(folders) if not is_passed_over(f"{below}/{name}")]
        for name in folders:
            if (Path(parent) / name).is_symlink():
                why = "a linked folder, which is not followed (it could form a loop)"
                refuse(Path(parent) / name, f"{why}; link its photographs one by one")
        seen = (name for name in sorted(files) if not is_passed_over(f"{below}/{name}"))
        for path in (Path(parent) / name for name in seen):
            called = has_suffix(path.name) or path.suffix.lower() == ".zip"
            if wrong := what_is_wrong(path) if called else None:
                refuse(path, wrong)
            else:
                yield path


def what_is_wrong(path: Path) -> str | None:
    """Why a file of any name cannot be a photograph; None if it can."""
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        return f"{error.strerror}; a broken link?" if path.is_symlink() else error.strerror
    return None if regular else "named like a photograph, but neither a file nor a folder"


def read_bounded(path: Path, most: int) -> bytes:
    """A file's bytes; raises OversizedImage for more than `most`, without reading it."""
    with path.open("rb") as file:
        _check_length(os.fstat(file.fileno()).st_size, most)
        return file.read()


def head_of(path: Path) -> bytes:
    """The first bytes of a file; empty if it cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return b""
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""


def packed_among(names: Iterable[str]) -> list[str]:
    """Files that are named like archives or parts of archives."""
    return [name for name in names if _PACKED.search(name)]


def count_passed_over(folder: Path) -> int:
    """The number of files below a folder that are named like photographs, but hidden or the
    system's."""
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
    """Raise ValueError for a name that leads outside the folder, or cannot be stored in a shard."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{place}: the name {name!r} is not UTF-8; rename it") from error
    if name.startswith("/") or ".." in PurePosixPath(name).parts:
        raise ValueError(f"{place}: {name!r} is a path outside it; remove or rename it")
    if photograph_of(name) != name:
        raise ValueError(
            f"{place}: {name!r} is named like another face of a photograph; rename it, or add"
            " a suffix"
        )


def _entries(archive: Path) -> list[str]:
    _opened.cache_clear()  # it may have been replaced since
    named = [entry.filename for entry in _opened(archive).infolist()]
    entries = [name for name in named if not name.endswith("/")]  # is_dir() fails on an empty name
    twice = next((name for name, count in Counter(entries).items() if count > 1), None)
    if twice is not None:
        raise ValueError(f"{archive}: two entries have the same name, {twice!r}")
    return entries


def _entry(archive: Path, name: str, most: int) -> bytes:
    """Read one entry, but no more bytes than the archive declares, however many it decompresses
    to."""
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
    """Whether the error means a damaged archive, not a failing disk.

    An offset before the beginning of the file, an OSError (EINVAL), is damage too.
    """
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
    """The entry's name: Finder and others write UTF-8 without setting the flag for it."""
    if entry.flag_bits & _IS_UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode()
    except UnicodeError:  # it has another encoding
        return entry.filename
