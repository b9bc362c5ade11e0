"""The photographs of a data set: a folder of any depth, or a zip file read in place."""

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np

from wnet.data.images import SUFFIXES, UnreadableImage


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

    def read(self, name: str) -> bytes:
        """The bytes of one photograph; raises UnreadableImage for a damaged or locked zip entry."""
        if self.archive is None:
            return (self.folder / name).read_bytes()
        try:
            return _opened(self.archive).read(name)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
            raise UnreadableImage(f"in {self.archive.name}: {error}") from error

    def annotated(self, rows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Rows of an annotation, which goes by file names without folders, by photograph."""
        files = {name: PurePosixPath(name).name for name in self.names}
        return {name: rows[file] for name, file in files.items() if file in rows}


def find_photographs(folder: Path) -> Photographs:
    """List the photographs of a data set's folder.

    Files are told by their suffix alone; hidden files and folders, and what macOS adds to
    archives, are left out. Raises FileNotFoundError or ValueError where there is nothing to list.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder; put the photographs there")
    files = [path for path in folder.rglob("*") if path.is_file()]
    archives = [path for path in files if path.suffix.lower() == ".zip"]
    if len(archives) > 1:
        raise ValueError(f"{folder}: {len(archives)} zip files, where one or none is expected")
    archive = archives[0] if archives else None
    found = (
        _entries(archive) if archive else [path.relative_to(folder).as_posix() for path in files]
    )
    visible = [name for name in found if not _hidden(name)]
    names = sorted(name for name in visible if PurePosixPath(name).suffix.lower() in SUFFIXES)
    if not names:
        raise ValueError(
            f"{archive or folder}: no photograph in it (looked for {sorted(SUFFIXES)})"
        )
    return Photographs(folder, archive, tuple(names), len(visible) - len(names))


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(name).parts)


def _entries(archive: Path) -> list[str]:
    entries = [entry.filename for entry in _opened(archive).infolist() if not entry.is_dir()]
    if len(set(entries)) != len(entries):
        raise ValueError(f"{archive}: two entries have one name")
    return entries


@lru_cache(maxsize=1)
def _opened(archive: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(archive)
