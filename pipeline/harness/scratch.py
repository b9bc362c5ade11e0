"""Work that can be killed at any instant and resumes where it left off.

A stage builds its outputs in its own scratch folder, whose name contains a digest of everything
that they are made from: inputs, parameters, code, library versions. If the stage is killed, the
finished pieces are kept there, and the next run with the same digest finds them. Complete outputs
get their final name by a rename. They share their data with the pieces, which are kept until DVC
has recorded the outputs, since DVC may be killed too; therefore nothing here is written in place.
DVC's `persist: true` is not used, because it would disable DVC's run cache.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipeline.harness import environment, locks
from wnet.files.atomic import atomic_write, writing

FINISHED = "finished"  # the marker in a folder whose outputs are published
_DIGEST = "[0-9a-f]" * 16


@contextmanager
def workspace(stage: str, item: str, inputs: Iterable[Path], record: Mapping) -> Iterator[Path]:
    """A scratch folder that survives a kill and is removed once DVC has recorded the outputs.

    inputs: files and folders that the stage reads. record: everything else that determines its
    outputs. Only one process at a time works on an item of a stage, whatever its inputs: a second
    one waits until the first, which may have outlived a killed DVC, has ended.
    """
    digest = _digest([_fingerprint(path) for path in inputs], record)
    root, name = environment.scratch(), f"{stage}-{item}"
    with locks.exclusive(name), locks.claimed(name):
        folder = root / f"{name}-{digest[:16]}"
        if _recorded(folder):  # DVC runs it again
            shutil.rmtree(folder)
        with writing(folder):
            folder.mkdir(exist_ok=True)
            (folder / FINISHED).unlink(missing_ok=True)
        yield folder
        write_text(folder / FINISHED, "")
        for other in root.glob(f"{name}-{_DIGEST}"):
            if other != folder or "DVC_STAGE" not in os.environ:
                shutil.rmtree(other)


def drop_recorded() -> None:
    """Remove the folders whose outputs DVC has recorded, unless a process works in them."""
    for note in environment.scratch().glob(f"*-{_DIGEST}/{FINISHED}"):
        folder = note.parent
        with locks.try_lock(folder.name[:-17]) as free:
            if free and _recorded(folder):
                shutil.rmtree(folder)


def publish(made: Path, destination: Path) -> None:
    """Give finished work its final name by one rename; data is shared with the scratch folder where
    links are possible."""
    near = destination.parent / f".{destination.name}.part"
    with writing(destination):
        destination.parent.mkdir(parents=True, exist_ok=True)
        _remove(near)
        try:
            share(made, near)
        except OSError:
            _remove(near)  # it may be filling the disk
            raise
        replace(near, destination)


def replace(made: Path, destination: Path) -> None:
    """Rename a file or folder to a name beside it, replacing what is there."""
    if destination.is_dir():
        _remove(destination)
    made.replace(destination)


def write_text(path: Path, text: str) -> None:
    """Write a small text file atomically."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path, len(text)) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Mapping) -> None:
    """Write a small, readable JSON file atomically."""
    write_text(path, json.dumps(content, indent=2) + "\n")


def _recorded(folder: Path) -> bool:
    """Whether dvc.lock was written after the outputs of a finished folder were published."""
    note, lock = folder / FINISHED, Path("dvc.lock")
    both = note.exists() and lock.exists()
    return both and lock.stat().st_mtime_ns > note.stat().st_mtime_ns


def _fingerprint(path: Path) -> list:
    """Names, lengths and modification times of a stage's inputs, which show whether they have
    changed."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    stats = [(str(file), file.stat()) for file in files]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]


def _digest(*parts) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def share(made: Path, destination: Path) -> None:
    """Link a file, or those of a folder, to a second name; copy if links are not supported."""
    if made.is_dir():
        destination.mkdir()
        for piece in made.iterdir():
            share(piece, destination / piece.name)
        return
    try:
        os.link(made.resolve(), destination)  # it may be DVC's link to its cache
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(made, destination)


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
