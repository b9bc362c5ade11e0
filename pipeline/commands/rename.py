"""Command `wnet rename`: give a training another name without training it again."""

import re
from pathlib import Path

import click
from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML

from pipeline.commands.options import trained
from pipeline.harness.command import plain_errors
from pipeline.harness.record import PRECISION
from pipeline.harness.scratch import write_text
from pipeline.settings import params
from pipeline.settings.names import Name
from pipeline.settings.spelling import meant

LOCK, MODELS, METRICS = Path("dvc.lock"), Path("models"), Path("metrics/train")


@click.command("rename", short_help="Rename a training without training it again.")
@click.argument("old", shell_complete=trained)
@click.argument("new")
@plain_errors
def main(old: str, new: str) -> None:
    """Rename the training OLD to NEW: in params.yaml, in dvc.lock, in models/ and metrics/.

    `dvc repro` then rewrites the pages, which show the name, and runs nothing else.

    \b
    wnet rename sample-x4 narrow-x4
    """
    check(old, new)
    text = params.FILE.read_text(encoding="utf-8")
    write_text(params.FILE, in_params(text, old, new))
    try:
        params.load()
    except params.BadParameters:
        write_text(params.FILE, text)
        raise
    if LOCK.exists():
        write_text(LOCK, in_lock(LOCK.read_text(encoding="utf-8"), old, new))
    for path in _kept(old):
        if path.exists():
            path.rename(path.with_name(new + path.suffix))
    click.echo(f"{old} renamed to {new}; `dvc repro` rewrites the pages")


def check(old: str, new: str) -> None:
    """Raise ValueError if OLD is not a training, or NEW is invalid or already used."""
    everything = params.load()
    if old not in everything.trainings:
        known = ", ".join(everything.trainings)
        near = meant(old, everything.trainings)
        raise ValueError(f"{old}: not among the trainings of {params.FILE} ({known}){near}")
    try:
        TypeAdapter(Name).validate_python(new)
    except ValidationError as error:
        raise ValueError(
            f"{new!r} is not a valid name: letters, digits, `_` and `-`, 64 at most"
        ) from error
    if new in (*everything.trainings, *everything.paper.trainings):
        raise ValueError(f"{new}: there is already a training of this name")
    for path in _kept(new):
        if path.exists():
            raise ValueError(
                f"{path}: already exists, from another training; move or delete it first"
            )
    if LOCK.exists() and f"  train@{new}:" in LOCK.read_text(encoding="utf-8").splitlines():
        raise ValueError(f"{LOCK}: already has a record of a training {new}; choose another name")


def _kept(name: str) -> tuple[Path, ...]:
    """The paths at which what was made by a training of that name is kept."""
    return MODELS / name, METRICS / f"{name}.json", PRECISION / f"{name}.json"


def in_params(text: str, old: str, new: str) -> str:
    """params.yaml with the active training renamed, also in the active evaluations.

    Everything else is unchanged. Raises ValueError if the file is written in a way that does not
    allow this.
    """
    before, lines = YAML().load(text), text.split("\n")
    evaluations = (before.get("evaluations") or {}).values()
    naming = [item.lc.data for item in evaluations if item["training"] == old]
    places = [before["trainings"].lc.key(old)]
    places += [said["training"][2:] for said in naming if "training" in said]  # not merged from one
    for line, column in places:
        start = column + (lines[line][column] in "\"'")
        lines[line] = lines[line][:start] + lines[line][start:].replace(old, new, 1)
    after = "\n".join(lines)
    if YAML(typ="safe").load(after) != _renamed(YAML(typ="safe").load(text), old, new):
        raise ValueError(
            f"{params.FILE} is written in a way that cannot be edited; write trainings and"
            " evaluations plainly, then rename again"
        )
    return after


def _renamed(content: dict, old: str, new: str) -> dict:
    """The expected content of the file after the edit."""
    trainings = {new if name == old else name: of for name, of in content["trainings"].items()}
    evaluations = {
        name: {**of, "training": new if of["training"] == old else of["training"]}
        for name, of in (content.get("evaluations") or {}).items()
    }
    return (
        content | {"trainings": trainings} | ({"evaluations": evaluations} if evaluations else {})
    )


def in_lock(text: str, old: str, new: str) -> str:
    """dvc.lock with the outputs of the training under its new name, as dvc.yaml will have them."""
    name = re.escape(old)
    for before, after in (
        (rf"^  train@{name}:$", f"  train@{new}:"),
        (rf"(python -m pipeline\.train ){name}(?=\s)", rf"\g<1>{new}"),
        (rf"(\bmodels/){name}(?=[/\s]|$)", rf"\g<1>{new}"),
        (rf"(\bmetrics/train/){name}(?=\.json\b)", rf"\g<1>{new}"),
        (rf"^( +train\.){name}(?=\.)", rf"\g<1>{new}"),
    ):
        text = re.sub(before, after, text, flags=re.MULTILINE)
    return text


if __name__ == "__main__":
    main()
