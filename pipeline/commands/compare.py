"""Command `wnet compare`: train, evaluate and compare the networks of a set."""

import subprocess
import sys

import click
from ruamel.yaml import YAML

from pipeline.commands.options import entries
from pipeline.harness.command import plain_errors
from pipeline.harness.scratch import write_text
from pipeline.settings import params
from pipeline.settings.additions import Entries, with_entries
from pipeline.settings.entries import NetworkSet
from pipeline.settings.required_weights import problems
from pipeline.settings.schema import Params
from pipeline.settings.sets import datasets_of, entries_of, tests_of
from pipeline.settings.spelling import meant
from wnet.counted import counted

STAGES = {"trainings": "training", "evaluations": "evaluation"}


@click.command("compare", short_help="Train and compare the networks of a set.")
@click.argument("name", metavar="[SET]", required=False, shell_complete=entries("sets"))
@click.option("--dry", is_flag=True, help="Only show what would be done.")
@plain_errors
def main(name: str | None, dry: bool) -> None:
    """Train and evaluate every network of SET, of `sets` in params.yaml, and compare them.

    Entries of the set that are not active yet are added to params.yaml. Then `dvc repro
    --keep-going` is run, so that the failure of one network does not stop the others. If it is
    interrupted, the same command resumes. Without SET the sets are listed.

    \b
    wnet compare                    list the sets
    wnet compare sample --dry       show what would be trained
    wnet compare sample
    """
    everything = params.load()
    if name is None:
        for known, chosen in everything.sets.items():
            click.echo(f"{known}: {described(chosen)}")
        return
    chosen = set_of(everything, name)
    before = params.FILE.read_text(encoding="utf-8")
    added = missing(everything, name)
    after = with_entries(before, added)
    active = params.checked(YAML(typ="safe").load(after))
    click.echo(f"{name}: {described(chosen)}")
    for block, word in STAGES.items():
        names = list(added.get(block, ()))
        listed = f": {', '.join(names)}" if names else ""
        click.echo(f"  {counted(len(names), f'new {word}')}{listed}")
    for line in problems(active):
        click.echo(f"missing: {line}", err=True)
    if dry:
        return
    if added:
        write_text(params.FILE, after)
    sys.exit(
        subprocess.run(
            [sys.executable, "-m", "dvc", "repro", "--keep-going"], check=False
        ).returncode
    )


def set_of(everything: Params, name: str) -> NetworkSet:
    """The set of that name; raises ValueError with the names of all sets."""
    if name not in everything.sets:
        known = ", ".join(everything.sets) or "none"
        near = meant(name, everything.sets)
        raise ValueError(f"{name}: not among the sets of {params.FILE} ({known}){near}")
    return everything.sets[name]


def described(chosen: NetworkSet) -> str:
    """Describe a set in one line."""
    where = ", ".join(f"{dataset} {split}" for dataset, split in tests_of(chosen).items())
    scales = ", ".join(f"x{scale}" for scale in chosen.scales)
    equal = f", each trained as {chosen.equal_to}" if chosen.equal_to else ""
    return (
        f"{counted(len(chosen.runs), 'run')} at {scales} on {chosen.dataset} {chosen.split}{equal},"
        f" tested on {where}"
    )


def missing(everything: Params, name: str) -> Entries:
    """The inactive entries of a set; raises ValueError if a different entry has the same name."""
    found = {
        "datasets": [
            dataset
            for dataset in datasets_of(everything.sets[name])
            if dataset not in everything.datasets
        ]
    }
    for block, of_set in entries_of(everything, name).items():
        active = getattr(everything, block)
        for called, entry in of_set.items():
            if active.get(called, entry) != entry:
                raise ValueError(
                    f"{params.FILE}: {block}.{called} is another than that of the set; rename it"
                )
        found[block] = {
            called: entry.model_dump(exclude_none=True)
            for called, entry in of_set.items()
            if called not in active
        }
    return {block: of_block for block, of_block in found.items() if of_block}
