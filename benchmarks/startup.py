"""The time of DVC and Python if there is nothing to compute.

`dvc repro` of the finished pipeline is compared with that of the same graph with trivial commands
and outputs of one line; the start of a light stage, with that of Python with numpy.

    python benchmarks/startup.py
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
from interleaved import rates, report, save
from ruamel.yaml import YAML

LIGHT = ("synthesize", "crop", "parse", "pyramid", "split", "quality", "report", "index")


@click.command()
@click.option("--rounds", default=7, show_default=True)
def main(rounds: int) -> None:
    """Time runs with nothing to do; the pipeline must have been run before."""
    with tempfile.TemporaryDirectory() as name:
        trivial = Path(name)
        make_trivial(trivial)
        ways = {
            "dvc repro, trivial": lambda: dvc(trivial),
            "dvc repro": lambda: dvc(Path.cwd()),
        }
        measured = rates(ways, 1, rounds, time.perf_counter)
    goals = {("dvc repro", "dvc repro, trivial"): 1 / 1.2}
    tables = [report("nothing to do", measured, goals)]
    helped = {f"{stage} --help": (lambda stage=stage: help_of(stage)) for stage in LIGHT}
    ways = {"python -c 'import numpy'": lambda: python("-c", "import numpy"), **helped}
    tables.append(report("starts of stages", rates(ways, 1, rounds, time.perf_counter), {}))
    for stage in LIGHT:
        loaded = python("-c", f"import sys, pipeline.{stage}; print('torch' in sys.modules)")
        assert loaded.strip() == "False", f"{stage} imports torch"
    click.echo("none of them imports torch")
    save("startup", tables)


def make_trivial(folder: Path) -> None:
    """Write the project's graph, with commands that only write a line into every output."""
    tracked = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True)
    for name in filter(None, tracked.stdout.split("\0")):
        if not name.startswith(("metrics/", ".dvc/", "dvc.lock")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(name, folder / name)
    yaml = YAML()
    content = yaml.load(folder / "dvc.yaml")
    for stage in content["stages"].values():
        body = stage.get("do", stage)
        kinds = (body.get(kind, []) for kind in ("outs", "metrics", "plots"))
        outs = [out if isinstance(out, str) else next(iter(out)) for kind in kinds for out in kind]
        made = (f"mkdir -p {Path(out).parent} && echo line > {out}" for out in outs)
        body["cmd"] = " && ".join(made)
    yaml.dump(content, folder / "dvc.yaml")
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"], ["dvc", "repro", "-q"]):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


def dvc(folder: Path) -> None:
    """Run `dvc repro`, with everything up to date."""
    done = subprocess.run(["dvc", "repro"], cwd=folder, check=True, capture_output=True, text=True)
    assert "up to date" in done.stdout, done.stdout


def help_of(stage: str) -> None:
    """Run a stage with --help, which imports all that it imports at its start."""
    python("-m", f"pipeline.{stage}", "--help")


def python(*arguments: str) -> str:
    """Start Python with numpy; returns what it prints."""
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout


if __name__ == "__main__":
    main()
