"""The paper's ablation (Table 3, Fig. 8) as DVC experiments over trainings of params.yaml.

A row switches parts of the network off in the run of a training, so the eight rows work for the
sample's narrow network as for the paper's. They are experiments of DVC, named
`<training>-exp-<letter>`: `dvc exp show`, `apply` and `push` know them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from pipeline.harness import environment
from pipeline.harness.command import plain_errors
from pipeline.settings import params, schema
from pipeline.settings.spelling import meant
from wnet.figures.ablation import SETTING, TABLE_3, Experiment, Measured, table_3
from wnet.files.weights import folder as weights_folder

PICTURE = Path("reports/ablation_maps.png")
BLOCK_ON, BLOCK_OFF = "H", "G"  # rows that differ in the Parsing Block alone


@click.group(short_help="The ablation of Table 3.")
def main() -> None:
    """Train and compare W-Net without some of its parts, as in the paper's Table 3.

    \b
    wnet ablation train sample-x4 --rows GH    with and without the Parsing Block
    wnet ablation show sample-x4               the table, beside the paper's
    dvc exp show                               the same experiments as DVC lists them
    """


@main.command("train")
@click.argument("trainings", nargs=-1, required=True)
@click.option(
    "--set",
    "-S",
    "changes",
    multiple=True,
    help="KEY=VALUE for every row, as for `dvc exp run -S`.",
)
@click.option("--rows", default="ABCDEFGH", show_default=True, help="Which rows of the table.")
@click.option(
    "--copy", "-C", "copied", multiple=True, help="A path that stages read but git does not track."
)
@plain_errors
def train_rows(
    trainings: tuple[str, ...], changes: tuple[str, ...], rows: str, copied: tuple[str, ...]
) -> None:
    """Train the rows of Table 3 for each of TRAININGS, one DVC experiment per row.

    The workspace is not changed. Results in DVC's cache are not computed again, so a second call
    continues with the missing rows.
    """
    everything = params.load()
    for training in trainings:
        evaluations_of(everything, training)
    if strange := sorted({*rows.upper()} - {row.letter for row in TABLE_3}):
        raise ValueError(f"--rows {rows}: no row {', '.join(strange)}; give some of ABCDEFGH")
    chosen = [row for row in TABLE_3 if row.letter in rows.upper()]
    failed = [
        experiment_name(training, row)
        for training in trainings
        for row in chosen
        if not run_experiment(arguments(everything, training, row, changes, copied))
    ]
    if failed:
        raise ValueError(f"failed: {', '.join(failed)}; the others are done. See above for why")
    click.echo(f"wnet ablation show {' '.join(trainings)} prints the table")


@main.command("show")
@click.argument("trainings", nargs=-1, required=True)
@plain_errors
def show_rows(trainings: tuple[str, ...]) -> None:
    """Print Table 3 of TRAININGS beside the paper's; draw Fig. 8 as reports/ablation_maps.png."""
    from wnet.figures.grid import as_png
    from wnet.figures.parsing_maps import draw_parsing_maps

    everything = params.load()
    pictures = []
    for training in trainings:
        name = evaluations_of(everything, training)[0]
        measured = [read_row(training, name, row) for row in TABLE_3]
        item = everything.evaluations[name]
        click.echo(f"Ours: evaluation {name}, {item.dataset} x{item.scale}. Paper: {SETTING}.")
        click.echo(table_3(measured) + "\n")
        if None in measured:
            click.echo(f"wnet ablation train {training} makes what is missing\n")
        pictures.append(read_maps(everything, training, name))
    drawn = [maps for maps in pictures if maps is not None]
    if drawn:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_bytes(as_png(draw_parsing_maps(drawn)))
        click.echo(f"{PICTURE}: skin maps with and without the Parsing Block")


def experiment_name(training: str, row: Experiment) -> str:
    """What DVC calls a row."""
    return f"{training}-exp-{row.letter.lower()}"


def evaluations_of(everything: schema.Params, training: str) -> list[str]:
    """Evaluations of an active W-Net training; raises ValueError where there are none."""
    if training not in everything.trainings:
        known = ", ".join(everything.trainings)
        near = meant(training, everything.trainings)
        raise ValueError(f"{training}: not among the trainings of params.yaml ({known}){near}")
    if everything.runs[everything.trainings[training].run].model.network != "wnet":
        raise ValueError(f"{training}: trains no W-Net, so none of its parts can be switched off")
    found = [name for name, item in everything.evaluations.items() if item.training == training]
    if not found:
        raise ValueError(f"{training}: no evaluation in params.yaml is of it")
    return found


def arguments(
    everything: schema.Params,
    training: str,
    row: Experiment,
    changes: Sequence[str],
    copied: Sequence[str],
) -> list[str]:
    """DVC's arguments for one row: its switches, then the caller's changes, then what to score."""
    targets = [f"quality@{name}" for name in evaluations_of(everything, training)]
    run = everything.trainings[training].run
    switches = [
        f"++runs.{run}.model.{key}={str(part).lower()}"
        for key, part in row.parts.items()
        if getattr(everything.runs[run].model, key) != part  # so that the run itself is known as it
    ]
    return [
        *("exp", "run", "--temp", "--name", experiment_name(training, row)),
        *(word for change in [*switches, *changes] for word in ("--set-param", change)),
        *(word for path in copied for word in ("--copy-paths", path)),
        *targets,
    ]


def run_experiment(words: Sequence[str]) -> bool:
    """Run DVC for one row, in place of an experiment that has its name; True if it succeeded.

    DVC's own `exp run --force` would compute again what its cache holds. The scratch folder is this
    project's, so a killed row resumes from its checkpoint; pretrained weights are this project's.
    """
    dvc = [sys.executable, "-m", "dvc"]
    name = words[words.index("--name") + 1]
    known = subprocess.run([*dvc, "exp", "list", "--name-only"], capture_output=True, text=True)
    if name in known.stdout.split():
        subprocess.run([*dvc, "exp", "remove", "--quiet", name], check=True)
    own = {"WNET_SCRATCH": environment.scratch(), "WNET_WEIGHTS": weights_folder()}
    environ = {**os.environ, **{name: str(place.resolve()) for name, place in own.items()}}
    return subprocess.run([*dvc, *words], env=environ, check=False).returncode == 0


def read_row(training: str, evaluation: str, row: Experiment) -> Measured | None:
    """What a row's experiment measured, or None where there is no such experiment."""
    texts = [
        read_from(experiment_name(training, row), path)
        for path in (f"metrics/quality/{evaluation}.json", f"models/{training}/training.json")
    ]
    if None in texts:
        return None
    quality, trained = (json.loads(text) for text in texts)
    psnr, ssim = (next(iter(quality[evaluation]["sr"][key].values())) for key in ("psnr", "ssim"))
    return Measured(
        psnr=psnr,
        ssim=ssim,
        parsing_iou=trained["validation"]["parsing_iou"],
        parameters=trained["parameters"],
        epochs=trained["epochs"],
    )


def read_from(experiment: str, path: str) -> bytes | None:
    """A file as an experiment left it, from git or DVC's cache; None without the experiment."""
    from dvc.api import DVCFileSystem
    from dvc.scm import RevError

    try:
        return DVCFileSystem(".", rev=experiment).read_bytes(path)
    except RevError:
        return None


def read_maps(everything: schema.Params, training: str, evaluation: str):
    """Skin maps of the two rows that differ in the Parsing Block, or None where one is missing."""
    from dvc.api import DVCFileSystem

    from wnet.data.shards import Shards
    from wnet.figures.choice import evenly_ranked
    from wnet.figures.parsing_maps import Maps

    rows = {row.letter: experiment_name(training, row) for row in TABLE_3}
    item = everything.evaluations[evaluation]
    made = [
        columns_from(read_from(rows[letter], f"results/{item.set_name}/{evaluation}/sr.h5"))
        for letter in (BLOCK_ON, BLOCK_OFF)
    ]
    if None in made:
        return None
    names, key = made[0]["name"].tolist(), f"skin_x{item.scale}"
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        # The experiment's own: those of the workspace may be of another split or size.
        pyramid = f"data/pyramid/{item.dataset}/x{item.scale}"
        DVCFileSystem(".", rev=rows[BLOCK_ON]).get(pyramid, folder, recursive=True)
        true = Shards(Path(folder) / Path(pyramid).name).take(names, key)[key]
    whole = Maps(
        lr=made[0]["lr"],
        true=true,
        with_block=made[0]["parsing"],
        without_block=made[1]["parsing"],
    )
    on, off = whole.iou(whole.with_block), whole.iou(whole.without_block)
    click.echo(
        f"Skin maps of its {len(names)} test faces: IoU {on.mean():.4f} with the Parsing Block"
        f" (Exp.{BLOCK_ON}), {off.mean():.4f} without (Exp.{BLOCK_OFF})\n"
    )
    chosen = evenly_ranked(on - off, everything.report.faces)
    return Maps(**{column: values[chosen] for column, values in vars(whole).items()})


def columns_from(content: bytes | None) -> dict | None:
    """Names, LR faces and skin maps of a shard in memory."""
    from wnet.data.shards import read_shard

    if content is None:
        return None
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        path = Path(folder) / "sr.h5"
        path.write_bytes(content)
        return read_shard(path, "name", "lr", "parsing")


def _scratch() -> Path:
    environment.scratch().mkdir(parents=True, exist_ok=True)
    return environment.scratch()


if __name__ == "__main__":
    main()
