"""Command `wnet upscale`: pictures enlarged whole, their faces by a trained network."""

from functools import partial
from pathlib import Path

import click

from pipeline.commands.options import choosing_a_network
from pipeline.commands.pictures import pictures_among
from pipeline.harness.command import plain_errors
from pipeline.harness.parallel import map_blocks
from wnet.counted import counted


@click.command("upscale", short_help="Enlarge pictures, their faces by a trained network.")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the results; it is made where it is not there.",
)
@choosing_a_network
@click.option("--only-faces", is_flag=True, help="Write each face alone, not the whole picture.")
@click.option(
    "--degrade",
    is_flag=True,
    help="Reduce each face to the network's input size first, as the paper's experiment does.",
)
@click.option("--compare", is_flag=True, help="Show the input and bicubic beside the result.")
@click.option("--boxes", is_flag=True, help="Also write where the faces are, as JSON.")
@click.option("--suffix", default="", help="What is put behind the names, _x4 say.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["png", "jpg"]),
    default="png",
    show_default=True,
    help="Of the results.",
)
@click.option(
    "--quality", type=click.IntRange(1, 100), default=95, show_default=True, help="Of JPEG."
)
@click.option(
    "--overwrite", is_flag=True, help="Replace what has the results' names, whatever made it."
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

    Faces enter the network at their own size and are pasted into the picture, which bicubic
    interpolation has enlarged. A face larger than those that the network was trained to make is
    left as bicubic makes it. Results are upright, in sRGB. With --only-faces or --degrade several
    faces of one picture are numbered from the largest.

    Nothing is replaced unless --overwrite is given; then no results of an earlier run of the same
    pictures are left. In folders hidden files, thumbnails of systems and earlier results are passed
    over. What cannot be read, and where faces were asked for what has none, is named, the others
    are done all the same, and the exit code is 1. WNET_WORKERS says how many are done at once.

    \b
    wnet upscale photo.jpg -o out                        out/photo.png
    wnet upscale album/ -o out -m sample-x4 --format jpg every picture below album/
    wnet upscale photo.jpg -o out --compare              beside the input and bicubic
    wnet upscale photo.jpg -o out --degrade --compare    the paper's experiment, with the original
    """
    from pipeline.commands.enlarging import Task
    from pipeline.commands.models import choose_model, crop_of
    from pipeline.commands.results import Form, results_there

    if not suffix.replace("-", "").replace("_", "").isalnum() and suffix:
        raise ValueError(f"--suffix {suffix}: give letters, digits, - and _")
    naming = Form(suffix, form, quality)
    asked = pictures_among(photos, out, f"{suffix}.{form}")
    there = results_there(asked, out, naming)
    if there and not overwrite:
        first, *others = [path for paths in there.values() for path in paths]
        more = f" and {len(others)} more" if others else ""
        raise ValueError(f"{first}{more}: there already; another folder, or --overwrite")
    outcomes = []
    if asked.named:
        folder = choose_model(model, scale)
        crop_of(folder)  # where it is not said, that is an error of all pictures
        task = Task(folder, out, naming, only_faces or degrade, degrade, compare, boxes)
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
    said += f", {asked.passed_over} passed over" if asked.passed_over else ""
    click.echo(f"{out}: {said}")
    if asked.refused:
        raise SystemExit(1)


def _enlarge(task, block: tuple[str, Path, list[Path]]):
    from pipeline.commands.enlarging import enlarge_picture

    return enlarge_picture(task, *block)


if __name__ == "__main__":
    main()
