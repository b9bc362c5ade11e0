"""Checks of `wnet doctor` that look at the machine: packages, device, disk and git's hooks."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from pipeline.commands.finding import Finding
from pipeline.harness import environment
from pipeline.harness.record import read_record
from wnet.counted import counted
from wnet.files.weights import folder as weights_folder

CONSTRAINTS = Path("constraints.txt")
LITTLE, SCARCE = 10e9, 1e9  # free bytes below which to warn, and below which a stage would fail


def packages() -> Iterator[Finding]:
    """Whether the required packages are installed, in the versions of the committed results."""
    install = f"pip install -c {CONSTRAINTS} -e ."
    needed = [Requirement(text) for text in requires("wnet-fsr") or []]
    for need in needed:
        if need.marker is None or need.marker.evaluate({"extra": ""}):
            have = _installed(need.name)
            if have is None or not need.specifier.contains(have, prereleases=True):
                text = f"{need} is required, {have or 'nothing'} is installed: {install}"
                yield Finding("problem", "packages", text)
    pinned = re.findall(r"^([\w.-]+)==(\S+)", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE)
    others = [
        f"{name} {have} (not {wanted})"
        for name, wanted in pinned
        if (have := _installed(name)) and Version(have).public != wanted
    ]
    if others:
        listed = ", ".join(others[:4]) + (f" and {len(others) - 4} more" if others[4:] else "")
        text = f"versions other than those of the committed results: {listed}; {install}"
        yield Finding("warn", "packages", text)
    else:
        yield Finding("ok", "packages", f"in the versions of {CONSTRAINTS}")


def made_with(records: Iterable[Path]) -> Iterator[Finding]:
    """Outputs that were made with versions of libraries other than the installed ones."""
    agreeing = 0
    for path in sorted(records):
        record = read_record(path)
        others = [
            f"{name} {version} (here {_installed(name) or 'none'})"
            for name, version in record["versions"].items()
            if _installed(name) != version
        ]
        agreeing += not others
        if others:
            text = f"{record['stage']} {record['name']} was made with {', '.join(others)}"
            yield Finding("warn", "versions", text)
    if agreeing:
        text = f"{counted(agreeing, 'output')} made with the installed versions"
        yield Finding("ok", "versions", text)


def device() -> Finding:
    """The device that networks run on."""
    try:
        name = environment.device()
    except ValueError as error:
        return Finding("problem", "device", str(error))
    if not name.startswith("cuda"):
        text = f"{name}, {os.cpu_count()} cores; only the paper's networks need a GPU"
        return Finding("ok", "device", text)
    import torch

    free, total = torch.cuda.mem_get_info(name)
    text = f"{name}, {torch.cuda.get_device_name(name)}, {_gb(free)} of {_gb(total)} free"
    return Finding("ok", "device", text)


def disk(cache: Path) -> Iterator[Finding]:
    """Free space in the folders to which much is written; `cache` is DVC's."""
    places = {
        "cache": (cache, "dvc cache dir FOLDER"),
        "scratch": (environment.scratch(), "WNET_SCRATCH"),
        "weights": (weights_folder(), "WNET_WEIGHTS"),
    }
    for name, (place, mover) in places.items():
        there = next(path for path in (place.resolve(), *place.resolve().parents) if path.exists())
        free = shutil.disk_usage(there).free
        state = "ok" if free >= LITTLE else "warn" if free >= SCARCE else "problem"
        cure = "" if state == "ok" else f"; free some, or move it elsewhere: {mover}"
        yield Finding(state, "disk", f"{_gb(free)} free for {name}, {place}{cure}")


def hooks() -> Finding:
    """The hooks of git that run before a commit and after a checkout."""
    asked = subprocess.run(
        ["git", "rev-parse", "--git-path", "hooks"], capture_output=True, text=True, check=False
    )
    if asked.returncode:
        return Finding(
            "problem", "git", "no git repository here; run from the root of a clone of the project"
        )
    found = [
        name
        for name in ("pre-commit", "post-checkout", "pre-push")
        if (Path(asked.stdout.strip()) / name).is_file()
    ]
    if found:
        return Finding("ok", "git", f"hooks: {', '.join(found)}")
    text = "no hooks: `pre-commit install` checks a commit before it is made (docs/contributing.md)"
    return Finding("warn", "git", text)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _gb(count: float) -> str:
    return f"{count / 1e9:.1f} GB"
