"""Command `wnet try`: measure a trained network on any photographs."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from pipeline.commands.options import choosing_a_network
from pipeline.harness import scratch
from pipeline.harness.command import plain_errors
from pipeline.ledger import write_rejected
from pipeline.settings import params, schema, sections
from wnet.files.atomic import atomic_write, writing
from wnet.files.weights import MissingWeights, find, verified
from wnet.metrics.trunks import TRUNKS

TRIED = Path("tried")


@click.command("try", short_help="Measure a network on any folder of photographs.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "-o",
    "--out",
    metavar="DIRECTORY",
    type=click.Path(path_type=Path),
    help="New folder for the results; default: tried/ followed by FOLDER's name.",
)
@choosing_a_network
@click.option("--cropped", is_flag=True, help="The photographs are already cropped faces.")
@plain_errors
def main(
    folder: Path, out: Path | None, model: str | None, scale: int | None, cropped: bool
) -> None:
    """Measure a trained network and bicubic interpolation on the photographs in FOLDER.

    The largest face of each photograph is found as in the network's training, or by dlib if the
    weights for that are missing. It is cropped like the training faces, reduced by antialiased
    bicubic interpolation, enlarged again and compared with the original. The report has PSNR, SSIM,
    and LPIPS after `wnet weights fetch alexnet`, with paired differences, their 95 % intervals and
    the share of faces on which the network is better.

    OUT then contains faces.csv, rejected.csv (all other photographs, with the reason), summary.json
    and contact_sheet.png: some faces, from the largest gain to the smallest.

    \b
    wnet try ~/Pictures/family                    photographs of any kind and size
    wnet try celeba_test -m wnet-x4 --cropped     faces that are already cropped
    """
    from pipeline.commands.models import available_detection, choose_model, crop_of
    from pipeline.trial import report, run_trial
    from pipeline.trial_faces import find_faces

    everything = params.load()
    out = results_folder(out or TRIED / folder.resolve().name, folder)
    network = choose_model(model, scale)
    taught = crop_of(network)
    here = available_detection(taught)
    if here.said:
        click.echo(here.said, err=True)
    rule = crop_rule(here.crop, cropped)
    trunks = lpips_trunks(everything)
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".try-", dir=out.parent) as work:
        faces = find_faces(folder, rule, here.weights, Path(work))
        trial = run_trial(network, taught, faces, everything, trunks)
        made = Path(work) / "made"
        write(trial, made)
        results_folder(out, folder)
        made.rename(out)
    for line in report(trial):
        click.echo(line)
    click.echo(f"{out}: {', '.join(sorted(path.name for path in out.iterdir()))}")


def write(trial, out: Path) -> None:
    """Write the results, as tables, JSON and pictures, into the new folder `out`."""
    from pipeline.trial import contact_sheet
    from wnet.figures.grid import as_png

    scratch.write_text(out / "faces.csv", trial.table())
    write_rejected(out, trial.faces.left_out)
    scratch.write_json(out / "summary.json", trial.facts())
    with atomic_write(out / "contact_sheet.png") as part:
        part.write_bytes(as_png(contact_sheet(trial)))


def results_folder(out: Path, folder: Path) -> Path:
    """The folder for results; raises ValueError if it exists or is inside that of the
    photographs."""
    if out.exists() or out.is_symlink():
        raise ValueError(f"{out} already exists; choose another folder by --out")
    if folder.resolve() in out.resolve().parents:
        raise ValueError(
            f"{out} is in {folder}, whose photographs are read; choose another folder by --out"
        )
    return out


def crop_rule(taught: sections.Crop, cropped: bool) -> sections.Crop:
    """The crop settings: those of the faces that the network was trained on.

    Other photographs have no official boxes such as CelebA's, so `landmarks` replaces that rule.
    """
    rule = "as_is" if cropped else "landmarks" if taught.rule == "celeba_bbox" else taught.rule
    return taught.model_copy(update={"faces": "largest", "rule": rule})


def lpips_trunks(everything: schema.Params) -> dict[str, Path]:
    """The networks of LPIPS whose weights are present, verified, by their keys.

    Raises MissingWeights for a file that is present but wrong.
    """
    there = {}
    for role in TRUNKS.values():
        file = everything.weights[role].weights_file()
        try:
            find(file)
        except MissingWeights:
            continue
        there[role] = verified(file)
    return there
