"""Command `wnet upscale`: enlarge whole pictures, their faces by a trained network."""

from functools import partial
from pathlib import Path

import click

from pipeline.commands.options import choosing_a_network
from pipeline.commands.pictures import pictures_among
from pipeline.harness.command import plain_errors
from pipeline.harness.parallel import map_blocks
from wnet.counted import counted
from wnet.files.atomic import writing


@click.command("upscale", short_help="Enlarge photographs, with faces by a trained network.")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the results; created if it does not exist.",
)
@choosing_a_network
@click.option(
    "--only-faces", is_flag=True, help="Write each face separately, not the whole photograph."
)
@click.option(
    "--degrade",
    is_flag=True,
    help="First reduce each face to the network's input size, as in the paper's experiment.",
)
@click.option("--compare", is_flag=True, help="Show the input and bicubic beside the result.")
@click.option("--boxes", is_flag=True, help="Also write the positions of the faces, as JSON.")
@click.option("--suffix", default="", help="Suffix of the file names, for example _x4.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["png", "jpg", "webp"]),
    default="png",
    show_default=True,
    help="Format of the results.",
)
@click.option(
    "--quality",
    type=click.IntRange(1, 100),
    default=95,
    show_default=True,
    help="JPEG and WebP quality.",
)
@click.option(
    "--overwrite", is_flag=True, help="Replace existing files that have the results' names."
)
@plain_errors
def main(
    photos: tuple[Path, ...],
    out: Path,
    model: str | None,
    scale: int | None,
    only_faces: bool,
    degrade: bool,
    compare: bool,
    boxes: bool,
    suffix: str,
    form: str,
    quality: int,
    overwrite: bool,
) -> None:
    """Enlarge PHOTOS (files, or folders of any depth) and write them to OUT.

    Each face is enlarged by the network at its own size and pasted into the photograph, which is
    enlarged by bicubic interpolation. Faces are found as for the network's training, rotated ones
    too. Faces larger than those that the network was trained to produce are enlarged by bicubic
    interpolation too. Results are upright, in sRGB. With --only-faces or --degrade the faces of a
    photograph are numbered from the largest.

    Nothing is replaced without --overwrite, which also removes earlier results of the same
    photographs. Hidden files, thumbnails and earlier results in folders are skipped. Photographs
    that cannot be read, or that have no face although faces are wanted, are named; the others are
    still processed, and the exit code is 1. WNET_WORKERS sets how many are processed at once.

    \b
    wnet upscale photo.jpg -o out                        out/photo.png
    wnet upscale album/ -o out -m sample-x4 --format jpg every photograph below album/
    wnet upscale photo.jpg -o out --compare              beside the input and bicubic
    wnet upscale photo.jpg -o out --degrade --compare    the paper's experiment, with the original
    """
    from pipeline.commands.enlarging import Task
    from pipeline.commands.models import available_detection, choose_model, crop_of
    from pipeline.commands.results import Form, results_there

    if not suffix.replace("-", "").replace("_", "").isalnum() and suffix:
        raise ValueError(f"--suffix {suffix}: give letters, digits, - and _")
    naming = Form(suffix, form, quality)
    asked = pictures_among(photos, out, f"{suffix}.{form}")
    there = results_there(asked, out, naming, boxes)
    if there and not overwrite:
        first, *others = [path for paths in there.values() for path in paths]
        more = f" and {len(others)} more" if others else ""
        raise ValueError(f"{first}{more}: already exists; use another folder, or --overwrite")
    outcomes = []
    if asked.named:
        folder = choose_model(model, scale)
        crop = crop_of(folder)  # if not recorded, no picture can be processed
        if said := available_detection(crop).said:
            click.echo(said, err=True)
        task = Task(folder, out, naming, only_faces or degrade, degrade, compare, boxes)
        with writing(out):
            out.mkdir(parents=True, exist_ok=True)
        blocks = [(name, photo, there.get(name, [])) for name, photo in asked.named.items()]
        work = partial(_enlarge, task)
        outcomes = map_blocks(work, blocks, [1] * len(blocks), "upscale", network=True)
        for (_, photo, _), outcome in zip(blocks, outcomes, strict=True):
            for note in outcome.notes:
                click.echo(f"{photo}: {note}", err=True)
            if outcome.refused:
                asked.refuse(photo, outcome.refused)
    for line in asked.refused:
        click.echo(line, err=True)
    faces, pictures = (sum(getattr(one, key) for one in outcomes) for key in ("faces", "pictures"))
    said = f"{counted(faces, 'face')} of {counted(pictures, 'picture')}"
    said += f", {len(asked.refused)} without a result" if asked.refused else ""
    said += f", {asked.passed_over} skipped" if asked.passed_over else ""
    click.echo(f"{out}: {said}")
    if asked.refused:
        raise SystemExit(1)


def _enlarge(task, block: tuple[str, Path, list[Path]]):
    from pipeline.commands.enlarging import enlarge_picture

    return enlarge_picture(task, *block)


if __name__ == "__main__":
    main()
