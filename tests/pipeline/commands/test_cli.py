"""The command lines: all have help texts, start quickly, and return the right exit codes."""

import os
import re
import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.commands.cli import COMMANDS, main
from pipeline.harness import environment
from wnet.counted import counted

STAGES = list(YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"])


def commands(command: click.Command, words: tuple[str, ...] = ()) -> dict[str, click.Command]:
    """A command and its subcommands, by the words that call them."""
    found = {" ".join(words): command}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found |= commands(command.get_command(context, name), (*words, name))
    return found


EVERY = commands(main)


def test_help_names_every_command_and_imports_no_torch():
    code = (
        "import sys; from pipeline.commands.cli import main;"
        " main(['--help'], standalone_mode=False);"
        " sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("words", EVERY)
def test_every_command_and_option_has_a_help_text(words):
    command = EVERY[words]
    result = CliRunner().invoke(main, [*words.split(), "--help"])
    assert result.exit_code == 0
    assert result.output.startswith("Usage:")
    assert len(command.help) > 40
    for option in command.params:
        assert isinstance(option, click.Argument) or option.help, f"{words} {option.opts}"


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_describes_its_arguments_and_exit_codes(stage):
    command = import_module(f"pipeline.{stage}").main
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    told = " ".join(result.output.split())
    for argument in command.params:
        assert argument.make_metavar(click.Context(command)) in told
    assert len(command.help) > 30
    assert "Exit codes: 0," in told


def test_an_unknown_command_is_named():
    result = CliRunner().invoke(main, ["enlarge"])
    assert result.exit_code == 2
    assert "No such command 'enlarge'" in result.output


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("doctr", "doctor"),
        ("weights fecth", "fetch"),
        ("weights fetch fann", "fan"),
        ("export sampl-x4 out.pt2", "sample-x4"),
        ("upscale params.yaml -o out -m sampl-x4", "sample-x4"),
        ("rename sampl-x4 narrow", "sample-x4"),
        ("compare sampel", "sample"),
    ],
)
def test_a_similar_name_is_suggested(project, typed, meant):
    (project / "models/sample-x4/network").mkdir(parents=True)
    (project / "models/sample-x4/network/config.json").write_text("{}")
    result = CliRunner().invoke(main, typed.split())
    assert result.exit_code in (1, 2)
    assert re.search(rf"(?i)did you mean '{meant}'\?", result.output), result.output


@pytest.mark.parametrize("words", ["upscale params.yaml -o out", "export sample-x4 out.pt2"])
def test_a_folder_without_networks_is_reported_as_not_the_root(project, words):
    result = CliRunner().invoke(main, words.split())
    assert "there is no models/ here: run from the root of a clone of the project" in result.output


def test_every_variable_that_the_code_reads_is_known(monkeypatch):
    read = {
        name
        for package in ("pipeline", "wnet", "drawn")
        for path in (ROOT / package).rglob("*.py")
        for name in re.findall(r"\"(WNET_\w+)\"", path.read_text(encoding="utf-8"))
    }
    assert read - {"WNET_PYTHONS", "WNET_REAL_DATA"} == set(environment.VARIABLES)
    page = (ROOT / "docs/environment.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(WNET_\w+)`", page, re.MULTILINE)) == set(environment.VARIABLES)


def test_an_error_is_a_line_and_debugging_shows_where(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["weights", "list"])
    assert result.exit_code == 1
    assert (
        result.output
        == "Error: params.yaml: no such file; run from the root of a clone of the project\n"
    )
    monkeypatch.setenv("WNET_DEBUG", "1")
    assert isinstance(CliRunner().invoke(main, ["weights", "list"]).exception, Exception)


@pytest.mark.parametrize(
    ("begun", "offered"),
    [
        ("wnet we", ["weights"]),
        ("wnet weights ", ["fetch", "import", "list", "verify"]),
        ("wnet upscale --com", ["--compare"]),
        ("wnet upscale --model ", ["helen-x8", "sample-x4"]),
        ("wnet export s", ["sample-x4"]),
    ],
)
def test_the_shell_completes(tmp_path, begun, offered):
    for name in ("sample-x4", "helen-x8"):
        (tmp_path / "models" / name / "network").mkdir(parents=True)
    variables = {
        "_WNET_COMPLETE": "bash_complete",
        "COMP_WORDS": begun,
        "COMP_CWORD": str(len(begun.split(" ")) - 1),
        "PYTHONPATH": str(ROOT),
    }
    wnet = "from pipeline.commands.cli import main; main(prog_name='wnet')"
    done = subprocess.run(
        [sys.executable, "-c", wnet],
        cwd=tmp_path,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line.split(",")[1] for line in done.stdout.splitlines()] == offered


COUNT = re.compile(
    r"\{[^{}]*\} (?:evaluations|faces|photographs|outputs|items|stages|identities)\b"
)


def test_one_is_counted_in_the_singular():
    assert counted(1, "evaluation") == "1 evaluation"
    assert counted(0, "face") == "0 faces"
    assert counted(2, "identity", "identities") == "2 identities"
    said = {
        f"{path.name}: {found[0]}"
        for path in (ROOT / "pipeline").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "echo(" in line or "Finding(" in line
        for found in COUNT.finditer(line)
    }
    assert said == set()
