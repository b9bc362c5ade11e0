"""Work that can be killed at any instant and goes on where it was.

A stage builds its outputs in a scratch folder of its own, whose name carries a digest of all that
makes them: inputs, parameters, code, library versions. Finished pieces stay there when the stage is
killed, and the next run with the same digest finds them. Outputs take their final name by a rename,
when they are whole. DVC's `persist: true` is not used: it would switch its run cache off.
"""

import fcntl
import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO

import click

from pipeline import environment


@contextmanager
def workspace(
    stage: str, item: str, inputs: Iterable[Path], made_by: Mapping, code: str
) -> Iterator[Path]:
    """A scratch folder that survives a kill and is removed once the work is done.

    inputs: files and folders that the stage reads. made_by: parameters and versions. code: the
    digest of the code. Only one process at a time works on a stage's item, whatever its digest: a
    second one (the first may have outlived a killed DVC) waits until it has ended.
    """
    digest = _digest([_fingerprint(path) for path in inputs], made_by, code)
    root = environment.scratch()
    root.mkdir(parents=True, exist_ok=True)
    with (root / f"{stage}-{item}.lock").open("w") as lock:
        _wait_for(lock, stage, item)
        folder = root / f"{stage}-{item}-{digest[:16]}"
        folder.mkdir(exist_ok=True)
        yield folder
        for finished in root.glob(f"{stage}-{item}-" + "[0-9a-f]" * 16):
            shutil.rmtree(finished)


def publish(made: Path, destination: Path) -> None:
    """Give finished work its final name: by one rename, also from another file system."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    if made.stat().st_dev != destination.parent.stat().st_dev:
        near = destination.parent / f".{destination.name}.part"
        _remove(near)
        shutil.copytree(made, near) if made.is_dir() else shutil.copyfile(made, near)
        made = near
    if destination.is_dir():
        _remove(destination)
    made.replace(destination)


def write_text(path: Path, text: str) -> None:
    """Write a small text file under a temporary name and rename it when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def versions(*distributions: str) -> dict[str, str]:
    """Versions of the libraries that a stage's results depend on."""
    return {name: version(name) for name in distributions}


def loaded_code() -> str:
    """Digest of the project's own code that this process has loaded."""
    sources = sorted(
        (name, Path(module.__file__).read_bytes())
        for name, module in list(sys.modules.items())
        if name.split(".")[0] in ("pipeline", "wnet") and getattr(module, "__file__", None)
    )
    return _digest([(name, hashlib.sha256(source).hexdigest()) for name, source in sources])


def _fingerprint(path: Path) -> list:
    """Names, lengths and times of what a stage reads: enough to tell if it is what it was."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    stats = [(str(file), file.stat()) for file in files]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]


def _digest(*parts) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _wait_for(lock: IO, stage: str, item: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        click.echo(f"{stage} of {item} runs in another process; waiting for its end", err=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
