"""Command `wnet doctor`: checks of this machine and project, with what to do about problems."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from pipeline.commands import lists, machine, sharing
from pipeline.commands.finding import Finding
from pipeline.harness import environment
from pipeline.harness.command import plain_errors
from pipeline.harness.record import MADE_BY
from pipeline.pages.evaluation import DRAWN
from pipeline.settings import params, schema
from pipeline.settings.required_weights import problems, required
from wnet.counted import counted
from wnet.photographs.folder import Photographs, find_photographs
from wnet.photographs.formats import format_of, is_rare


@click.command("doctor", short_help="Check this machine and project.")
@plain_errors
def main() -> None:
    """Check this machine and project; each line is ok, warn or problem, with what to do.

    Checks packages, device, disk, DVC's remote and cache, git's hooks, params.yaml, datasets,
    pretrained weights, and the library versions that made the outputs. Nothing is changed, and
    weights are not hashed; `wnet weights verify` does that. The exit code is 1 if there is a
    problem.
    """
    found = []
    for finding in findings():
        found.append(finding.state)
        click.echo(str(finding))
    if "problem" in found:
        raise SystemExit(1)


def findings() -> Iterator[Finding]:
    """All findings, in the order in which problems can be fixed."""
    repo = sharing.project()
    if repo is None or not params.FILE.exists():
        yield Finding("problem", "project", elsewhere(repo))
        return
    yield from machine.packages()
    yield machine.device()
    yield from unknown_variables()
    yield from machine.disk(Path(repo.cache.local.path))
    yield sharing.remote(repo.config)
    yield sharing.cache(repo)
    yield machine.hooks()
    try:
        everything = params.load()
    except params.BadParameters as error:
        yield from (Finding("problem", "params", line) for line in str(error).splitlines())
        return
    trainings = ", ".join(everything.trainings) or "none"
    yield Finding("ok", "params", f"{params.FILE} is valid; trainings: {trainings}")
    for name in everything.datasets:
        yield photographs(name)
        yield from lists.findings(name, everything)
    yield from weights(everything)
    yield from machine.made_with(records())


def elsewhere(repo) -> str:
    """Say where the command was started and where to go, if not in the root of a project."""
    root = Path(repo.root_dir) if repo else None
    if root and (root / params.FILE).exists():
        return f"{Path.cwd()} is inside the project but not its root: cd {root}"
    found = "no DVC project is here" if root is None else f"{root} has no {params.FILE}"
    return f"{found}; run from the root of a clone of the project"


def unknown_variables() -> Iterator[Finding]:
    """Environment variables that begin like ours but are unknown."""
    yield from (Finding("warn", "variables", line) for line in environment.unknown())


def records() -> list[Path]:
    """The records of all outputs of stages in this project."""
    beside = [*Path("data").rglob(f"*.{MADE_BY}"), *Path("results").rglob(f"*.{MADE_BY}")]
    return [*beside, *Path("models").glob(f"*/network/{MADE_BY}")]


def photographs(dataset: str) -> Finding:
    """Whether a dataset's photographs, or outputs made from them, are present."""
    raw, crops = Path("data/raw") / dataset, Path("data/crop") / dataset
    try:
        found = find_photographs(raw)
        unread = "; ".join(f"{count} {why}" for why, count in unreadable(found).items())
        text = f"{raw}: {counted(len(found.names), 'photograph')}"
        return (
            Finding("warn", "data", f"{text}, {unread}") if unread else Finding("ok", "data", text)
        )
    except (FileNotFoundError, ValueError) as error:
        if raw.exists():
            return Finding("problem", "data", str(error))
    if crops.exists():
        return Finding("ok", "data", f"{raw} does not exist, but its crops do: {crops}")
    if raw.with_name(f"{dataset}.dvc").exists():
        return Finding("warn", "data", f"{raw} does not exist yet: dvc pull {raw}.dvc")
    if dataset == DRAWN:
        return Finding("ok", "data", f"{raw} does not exist yet: dvc repro draws it")
    text = f"{raw} does not exist: put photographs or a .zip of them there, or dvc pull the crops"
    return Finding("problem", "data", text)


def unreadable(photographs: Photographs) -> Counter[str]:
    """The number of photographs that cannot be read here, by format, and what is needed to read
    them."""
    kinds = (format_of(photographs.head(name)) for name in photographs.names if is_rare(name))
    return Counter(f"of {kind.name}: {kind.cure}" for kind in kinds if kind and not kind.is_read())


def weights(everything: schema.Params) -> Iterator[Finding]:
    """Whether the pretrained weights that active entries need are present."""
    missing = problems(everything)
    needed = {need.checkpoint.file for need in required(everything)}
    if missing:
        yield from (Finding("problem", "weights", line) for line in missing)
    elif needed:
        yield Finding("ok", "weights", f"all {len(needed)} that active entries need are present")
    else:
        yield Finding("ok", "weights", "active entries need none")


if __name__ == "__main__":
    main()
