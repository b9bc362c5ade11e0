"""What DVC and Python cost where there is nothing to compute.

`dvc repro` of the finished pipeline stands beside `dvc repro` of the same graph whose commands are
`true` and whose outputs are small files; a light stage's start stands beside Python's own.

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
    """Time nothing being done; the pipeline must have been run."""
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
    """The same stages, dependencies between them and outputs, with nothing in them."""
    dvc_yaml = YAML(typ="safe").load(Path("dvc.lock"))["stages"]
    stages = {}
    for name, stage in dvc_yaml.items():
        outs = [out["path"] for out in stage.get("outs", [])]
        deps = [dep["path"] for dep in stage.get("deps", [])]
        made = " && ".join(f"mkdir -p {Path(out).parent} && echo {name} > {out}" for out in outs)
        stages[name.replace("@", "-")] = {"cmd": made, "deps": deps, "outs": outs}
    outputs = {out for stage in stages.values() for out in stage["outs"]}
    for dep in {dep for stage in stages.values() for dep in stage["deps"]} - outputs:
        inside = [out for out in outputs if out.startswith(f"{dep}/")]
        if inside or Path(dep).is_dir():
            for stage in stages.values():
                stage["deps"] = [
                    *(one for one in stage["deps"] if one != dep),
                    *(inside if dep in stage["deps"] else []),
                ]
        else:
            (folder / dep).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(dep, folder / dep)
    YAML().dump({"stages": stages}, folder / "dvc.yaml")
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"], ["dvc", "repro", "-q"]):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


def dvc(folder: Path) -> None:
    """`dvc repro` where everything is up to date."""
    done = subprocess.run(["dvc", "repro"], cwd=folder, check=True, capture_output=True, text=True)
    assert "up to date" in done.stdout, done.stdout


def help_of(stage: str) -> None:
    """A stage asked for its help has imported all that it starts with."""
    python("-m", f"pipeline.{stage}", "--help")


def python(*arguments: str) -> str:
    """What a new Python prints."""
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout


if __name__ == "__main__":
    main()
