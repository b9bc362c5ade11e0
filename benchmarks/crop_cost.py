"""The stage `crop` on a folder of real photographs: the cost of its checks, and the cost of an
earlier version.

CPU time of all its processes, minus that of the stage with a tenth of the photographs. Each way
runs in its own projects, as `dvc repro` runs it: this checkout by its defaults, without its checks
of landmarks, and an earlier checkout.

    git worktree add ../earlier 3658e9b
    python benchmarks/crop_cost.py ~/photographs --before ../earlier
    python benchmarks/crop_cost.py ~/photographs --detector yunet
"""

import ctypes
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
from interleaved import report, save
from ruamel.yaml import YAML

from wnet.photographs.folder import find_photographs

HERE = Path(__file__).resolve().parent.parent
DATASET = "sample"
UNCHECKED = {"turns": [], "max_instability": 1.0}
SUBREAPER = 36  # prctl(2): orphaned processes become children of this process and are counted


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--before", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--detector", type=click.Choice(["dlib", "yunet"]), default="dlib")
@click.option("--rounds", default=3, show_default=True)
def main(folder: Path, before: Path | None, detector: str, rounds: int) -> None:
    """Crop the photographs in FOLDER in every way."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    chosen = {} if detector == "dlib" else {"detector": detector}
    names = find_photographs(folder).names
    rest = len(names) - len(names[::10])
    with tempfile.TemporaryDirectory() as name:
        tenth = Path(name) / "tenth"
        for photograph in names[::10]:
            (tenth / photograph).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / photograph, tenth / photograph)
        ways = {
            "defaults": Way(Path(name) / "defaults", HERE, chosen),
            "without checks": Way(Path(name) / "unchecked", HERE, chosen | UNCHECKED),
        }
        if before:
            ways["before"] = Way(Path(name) / "before", before.resolve(), chosen)
        measured: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                start = way.seconds(tenth)
                measured[name].append(rest / (way.seconds(folder) - start))
        goals = {("defaults", way): 0.95 for way in ways if way != "defaults"}
        table = report(f"crop of {len(names)} photographs, {detector}", measured, goals)
        save(f"crop_cost_{detector}", [table])
        for name, way in ways.items():
            click.echo(f"  {name}: {way.cropped} cropped")


@dataclass
class Way:
    """A project, the checkout whose code it runs, and the changed keys of `crop`."""

    root: Path
    code: Path
    changes: dict
    cropped: int = 0

    def seconds(self, photographs: Path) -> float:
        """The CPU time of the stage, run from the beginning."""
        shutil.rmtree(self.root, ignore_errors=True)
        stages = project(self.root, self.code, photographs, self.changes)
        commands = stages["crop"]["do"]["cmd"]
        commands = commands if isinstance(commands, list) else [commands]
        (command,) = (each for each in commands if "pipeline.crop" in each)
        begun = used()
        run(self.root, self.code, command.replace("${item}", DATASET))
        taken = used() - begun
        (counts,) = (self.root / "metrics/crop").glob("*.json")
        self.cropped = json.loads(counts.read_text())["cropped"]
        return taken


def project(root: Path, code: Path, photographs: Path, changes: dict) -> dict:
    """Write a project with the photographs and the checkout's parameters; returns its stages."""
    shutil.copytree(photographs, root / "data/raw" / DATASET)
    for name in ("dvc.yaml", "artifacts"):
        if (code / name).exists():
            (shutil.copytree if (code / name).is_dir() else shutil.copy)(code / name, root / name)
    yaml = YAML()
    content = yaml.load(code / "params.yaml")
    content["recipes"][DATASET]["crop"] |= changes
    yaml.dump(content, root / "params.yaml")
    stages = YAML(typ="safe").load(code / "dvc.yaml")["stages"]
    if "resolve" in stages:
        run(root, code, stages["resolve"]["cmd"])
    return stages


def run(root: Path, code: Path, command: str) -> None:
    """Run a command of the checkout in the project, and wait until all its processes have ended."""
    one = {f"WNET_{key}": "1" for key in ("WORKERS", "THREADS")} | {"WNET_DEVICE": "cpu"}
    weights = {"WNET_WEIGHTS": os.environ.get("WNET_WEIGHTS", str(HERE / "weights"))}
    environment = os.environ | one | weights | {"PYTHONPATH": str(code)}
    words = [sys.executable if word == "python" else word for word in shlex.split(command)]
    subprocess.run(words, cwd=root, env=environment, check=True, capture_output=True)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


def used() -> float:
    """The CPU time (user and system) of all processes that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


if __name__ == "__main__":
    main()
