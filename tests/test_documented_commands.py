"""Every command in the documents exists and does what they say.

By default each command is parsed by its program: its options, its arguments, and the stages,
entries and keys that it names. The slow test runs them in a fresh clone.
"""

import argparse
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from documented import Block, Command, blocks, commands, lines
from dvc.cli.parser import get_main_parser
from ruamel.yaml import YAML
from small_project import ROOT, Checkout

from pipeline.commands.cli import main
from pipeline.commands.options import trained

STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
PARAMS = YAML(typ="safe").load(ROOT / "params.yaml")
NAMED = [PARAMS, PARAMS["paper"], *(YAML(typ="safe").load(b.text) for b in blocks("yaml"))]
DATASETS = {"sample", "family", *(name for one in NAMED for name in one.get("datasets", ()))}
ENTRIES = {
    *DATASETS,
    *(f"{name}-x4" for name in DATASETS),  # as `wnet new` calls them
    *(f"{name}-fractions" for name in DATASETS),
    *(
        entry
        for one in NAMED
        for block in one.values()
        if isinstance(block, dict)
        for entry in block
    ),
}
PLACEHOLDER = re.compile(r"[A-Z-]+|\.\.\.|.*/.*")  # chosen by the reader; a folder
EXTRAS = re.findall(r"^([\w-]+) =$", (ROOT / "setup.cfg").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", commands(), ids=str)
def test_a_command_is_read_by_its_program(command):
    program, *rest = command.words
    match program:
        case "make":
            makefile = (ROOT / "Makefile").read_text()
            rules = re.findall(r"^([\w-]+):", makefile, re.MULTILINE)
            variables = re.findall(r"^(\w+) \?=", makefile, re.MULTILINE)
            assert {word for word in rest if "=" not in word} <= set(rules)
            assert {word.split("=")[0] for word in rest if "=" in word} <= set(variables)
        case "pip":
            extras = re.findall(r"\[([\w,]+)\]", " ".join(rest))
            assert {extra for found in extras for extra in found.split(",")} <= set(EXTRAS)
        case "python":
            read_by_python(rest)
        case "dvc":
            read_by_dvc(get_main_parser(), rest, command)
        case "wnet":
            read_by_click(main, rest, command)


def read_by_python(words: list[str]) -> None:
    """A module of ours, by its own command where it has one, or a script with such options."""
    if words[0] == "-m":
        if words[1] == "venv":
            return
        read_by_click(import_module(words[1]).main, words[2:], None)
        return
    if words[0] == "-c":
        compile(words[1], "documented", "exec")
        return
    text = (ROOT / words[0]).read_text(encoding="utf-8")
    for word in words[1:]:
        assert not word.startswith("-") or f'"{word.split("=")[0]}"' in text, word


def read_by_click(tool, words: list[str], command: Command | None) -> None:
    if not isinstance(tool, click.Command):  # python -m pipeline.settings.described
        assert not words
        return
    if isinstance(tool, click.Group) and words and not words[0].startswith("-"):
        below = tool.get_command(click.Context(tool), words[0])
        assert below is not None, f"no command {words[0]}"
        read_by_click(below, words[1:], command)
        return
    values, _, _ = tool.make_parser(click.Context(tool)).parse_args(list(words))
    for parameter in tool.params:
        value = values.get(parameter.name)
        given = value if isinstance(value, list | tuple) else [value]
        if command and command.whole and parameter.required:
            assert value, f"{parameter.name} is missing"
        if parameter._custom_shell_complete is trained:
            for name in (one for one in given if isinstance(one, str)):
                assert name in ENTRIES or PLACEHOLDER.fullmatch(name), name
        if "-S" in parameter.opts:
            check_keys(one for one in given if isinstance(one, str))


def read_by_dvc(parser: argparse.ArgumentParser, words: list[str], command: Command) -> None:
    below = [a.choices for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if below and words and not words[0].startswith("-"):
        read_by_dvc(below[0][words[0]], words[1:], command)
        return
    if not command.whole:  # `dvc exp push` is a name in a sentence
        options = set(parser._option_string_actions)
        assert {word.split("=")[0] for word in words if word.startswith("-")} <= options
        if not words:
            return
    given = vars(parser.parse_args(words))
    check_keys(given.get("set_param") or ())
    if command.words[1] in ("repro", "exp"):
        for target in given.get("targets") or ():
            stage, _, entry = target.partition("@")
            if stage in STAGES:
                assert not entry or entry in ENTRIES or PLACEHOLDER.fullmatch(entry), target
                assert bool(entry) <= ("foreach" in STAGES[stage]), target
            else:
                assert Path(target).suffix, target


def check_keys(changes) -> None:
    """Keys of params.yaml, written with dots before `=`."""
    for change in changes:
        node = PARAMS
        for key in change.split("=")[0].split("."):
            assert key in node, change
            node = node[key]


# Why a command is not run here; all others must succeed.
NOT_TYPED = {
    r"^make\b|^pip |^pip-audit|python3 -m venv|pre-commit": "installs from the package index",
    r"^pytest": "these tests",
    r"^wnet weights fetch|^wnet weights import|adaface|weights\.dvc": "weights, from the internet",
    r"^celeba.md": "CelebA and Helen are not redistributed",
    r"gpu_card|WNET_TORCHRUN|-m pipeline\.train": "one or several GPUs",
    r"^dask |WNET_DASK": "several machines; tests/pipeline/harness/test_dask.py has the cluster",
    r"git\.example\.org|^dvc update": "another project; tests/test_other_projects.py has it",
    r"s3://|ssh://|endpointurl": "a server",
    r"--theirs|--no-edit": "a merge with a conflict; tests/test_team.py has it",
    r"chgrp|dvc cache dir --local|--local cache": "a group; tests/test_shared_cache.py has it",
    r"^dvc plots diff longer|^dvc params diff longer|^dvc metrics diff longer": "two experiments",
    r"^dvc queue|--queue": "a worker that stays; `dvc exp run` of the same page is typed",
    r"@NAME": "the entry is the reader's",
    r"^wnet demo": "a server that stays; tests/pipeline/commands/test_demo.py has it",
    r"^wnet new .*--model": "instead of the line above",
    r"^wnet weights verify|^wnet weights list": "says which weights are missing, and fails for it",
    r"^#": "a remark",
}  # fmt: skip
TYPED = (
    "README.md",
    "contributing.md",
    "environment.md",
    "experiments.md",
    "own_faces.md",
    "reliability.md",
    "team.md",
    "training.md",
    "use.md",
)


def is_typed(block: Block, line: str) -> bool:
    """Whether a line is run by the tests: neither it nor its document is excluded."""
    places = (block.document.name, line.strip())
    return not any(re.search(pattern, place) for pattern in NOT_TYPED for place in places)


def typed(document: str) -> Iterator[tuple[Block, str]]:
    """The lines of a document's blocks that are run, with a network of few epochs."""
    for block in blocks("sh"):
        if block.document.name == document:
            for line in lines(block):
                if is_typed(block, line):
                    yield block, line


def test_every_document_is_run_or_excluded():
    """Each document is either among those that are run, and has such lines, or among the others."""
    documents = {block.document.name for block in blocks("sh")}
    assert {name for name in documents if list(typed(name))} == set(TYPED)
    for pattern in NOT_TYPED:
        assert any(
            re.search(pattern, place)
            for block in blocks("sh")
            for place in (block.document.name, *map(str.strip, lines(block)))
        ), f"{pattern} is of no command any more"


@pytest.mark.slow
@pytest.mark.parametrize("document", TYPED)
def test_commands_of_a_document_typed_in_a_clone_end_well(finished, tmp_path, document):
    shared = tmp_path / "lab"
    home = home_of(tmp_path, finished)
    project = Typing(finished.copy(tmp_path / "clone").folder, home, shared)
    project.begin_work(tmp_path / "origin.git")
    for block, line in typed(document):
        done = project.type(line)
        assert done.returncode == 0, f"{block}: {line}\n{done.stdout}\n{done.stderr}"


class Typing(Checkout):
    """A clone in which lines of shell are run, with a home folder that has photographs."""

    def __init__(self, folder: Path, home: Path, shared: Path):
        super().__init__(folder)
        self.shared = shared
        self.environment |= {"HOME": str(home)}

    def begin_work(self, origin: Path) -> None:
        """Prepare a clone with committed results, a shared folder, and some photographs."""
        self.call("dvc", "remote", "add", "-q", "--default", "shared", str(self.shared / "shared"))
        self.call("dvc", "push", "-q")
        for name in ("photo.jpg", "album"):
            self.call("cp", "-r", f"{self.environment['HOME']}/{name}", ".")
        self.commit("Results")
        self.call("git", "init", "-q", "--bare", str(origin))
        self.call("git", "remote", "add", "origin", str(origin))
        self.call("git", "push", "-q", "-u", "origin", "HEAD")

    def type(self, line: str) -> subprocess.CompletedProcess:
        """Run a line of shell, with folders of ours, and something to commit."""
        line = line.replace("/mnt/lab", str(self.shared)).replace("FOLDER", "~/Pictures/family")
        family = self.folder / "data/raw/family"
        if "data/raw/family" in line and not family.exists():
            shutil.copytree(f"{self.environment['HOME']}/Pictures/family", family)
        with (self.folder / "notes.txt").open("a") as notes:
            notes.write(f"{line}\n")
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self.environment,
            input="y\n",  # to `dvc gc`, which asks
            capture_output=True,
            text=True,
        )


def home_of(tmp_path: Path, finished: Checkout) -> Path:
    """A folder with `photo.jpg`, `album`, and in `Pictures` these and a dataset."""
    home = tmp_path / "home"
    drawn = sorted((finished.folder / "data/raw/sample").glob("*.jpg"))
    (home / "Pictures").mkdir(parents=True)
    for album in (home / "album", home / "Pictures/album"):
        album.mkdir()
        for path in drawn[:2]:
            shutil.copy(path, album)
    for name in ("photo.jpg", "Pictures/small.jpg", "Pictures/large.jpg"):
        shutil.copy(drawn[2], home / name)
    shutil.copytree(finished.folder / "data/raw/sample", home / "Pictures/family")
    return home
