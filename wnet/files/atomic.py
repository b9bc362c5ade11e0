"""Atomic writes, with errors that say in one line why a write failed."""

import errno
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEGABYTE = 1_000_000


class CannotWrite(Exception):
    """A file could not be written; the message names it, what is needed and what to do."""


def check_free(path: Path, overwrite: bool) -> None:
    """Raise ValueError if `path` exists and may not be replaced."""
    if not overwrite and (path.exists() or path.is_symlink()):
        raise ValueError(f"{path}: already exists; choose another name, or give --overwrite")


@contextmanager
def atomic_write(path: Path, need: int = 0) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which is renamed to `path` once it is on the disk.

    need: bytes that will be written, if known. Raises CannotWrite; an existing file at `path` is
    then unchanged.
    """
    part = path.with_name(f".{path.name}.part")
    with writing(path, need):
        _check_room(path.parent, need)
        try:
            yield part
            _flush_to_disk(part)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)  # it may be what fills the disk
            raise


@contextmanager
def writing(path: Path, need: int = 0) -> Iterator[None]:
    """Raise CannotWrite if the system refuses a write at or below `path`."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        # HDF5 fails again when it closes the file, and reports only that.
        refusal = error if isinstance(error, OSError) else error.__context__
        cure = _CURES.get(getattr(refusal, "errno", None))
        if cure is None:
            raise
        raise CannotWrite(f"{path}: {cure(path, need)}; then run the same command again") from error


def _check_room(folder: Path, need: int) -> None:
    """Check the free space before writing, since a library may not recover from a failed write."""
    if need > shutil.disk_usage(folder).free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit != resource.RLIM_INFINITY and need > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))


def _room(path: Path, need: int) -> str:
    folder = next(place for place in path.absolute().parents if place.exists())
    free = shutil.disk_usage(folder).free / MEGABYTE
    wanted = f"{need / MEGABYTE:.1f} MB are needed and " if need else ""
    return f"no space left, {wanted}{free:.1f} MB free in {folder}: make room there"


def _too_large(path: Path, need: int) -> str:
    wanted = f"of {need / MEGABYTE:.1f} MB " if need else ""
    return f"a file {wanted}is more than this process may write: raise `ulimit -f`"


def _quota(path: Path, need: int) -> str:
    wanted = f", where {need / MEGABYTE:.1f} MB are needed" if need else ""
    return f"the disk quota is used up{wanted}: make room in it"


def _read_only(path: Path, need: int) -> str:
    return "the file system is read-only: mount it writable"


def _forbidden(path: Path, need: int) -> str:
    return f"user {os.geteuid()} may not write there: change owner or permissions"


def _a_folder(path: Path, need: int) -> str:
    return "a folder has this name: choose another"


def _no_folder(path: Path, need: int) -> str:
    whole = path.absolute()
    places = (whole, *whole.parents)
    if link := next((one for one in places if one.is_symlink() and not one.exists()), None):
        return f"{link} is a link to nothing: remove it, or choose another name"
    file = next((place for place in places if place.is_file()), path)
    return f"{file} is a file, where a folder is expected: choose another name"


_CURES = {
    errno.ENOSPC: _room,
    errno.EFBIG: _too_large,
    errno.EDQUOT: _quota,
    errno.EROFS: _read_only,
    errno.EACCES: _forbidden,
    errno.EPERM: _forbidden,
    errno.EISDIR: _a_folder,
    errno.EEXIST: _no_folder,
    errno.ENOTDIR: _no_folder,
}


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
