"""Command `wnet new`: make a dataset of this project from a folder of photographs."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML

from pipeline.commands.options import entries, trained
from pipeline.harness.command import plain_errors
from pipeline.harness.parallel import progress
from pipeline.harness.scratch import write_text
from pipeline.settings.names import Name
from wnet.files.atomic import writing
from wnet.photographs.folder import Photographs

RAW = Path("data/raw")


@click.command("new", short_help="Make a dataset from a folder of photographs.")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "-m",
    "--model",
    shell_complete=trained,
    help="Evaluate this training on all of the faces, instead of training a network.",
)
@click.option("-s", "--scale", type=int, help="Upscaling factor; default: 4.")
@click.option(
    "-r",
    "--resolution",
    type=int,
    help="Side of the HR faces, in pixels; default: 64. The paper uses 128.",
)
@click.option(
    "--run",
    shell_complete=entries("runs"),
    help="The run of params.yaml to train; default: wnet-small.",
)
@click.option("--cropped", is_flag=True, help="The photographs are already cropped faces.")
@plain_errors
def main(
    name: str,
    folder: Path,
    model: str | None,
    scale: int | None,
    resolution: int | None,
    run: str | None,
    cropped: bool,
) -> None:
    """Make the dataset NAME from the photographs in FOLDER.

    They are copied to data/raw/NAME, unless FOLDER is that folder already (or a link to it). dlib
    detects the faces in a few of them, to determine their size. Lists in FOLDER are used: CelebA's
    boxes, points, attributes, identities and partition, and lists called train, validation and
    test. Entries for NAME are added to params.yaml; its other lines are not changed.

    Nothing is cropped or trained yet. The output ends with what to run and about how long it will
    take, estimated from a few photographs and training steps.

    \b
    wnet new family ~/Pictures/family                crop, train wnet-small x4, evaluate
    wnet new family ~/Pictures/family -m sample-x4   evaluate a trained network
    wnet new aligned ~/aligned --cropped -r 128      use faces that are already cropped
    """
    from pipeline.commands import inspection, planning
    from pipeline.commands.estimates import next_steps
    from pipeline.settings import params
    from pipeline.settings.additions import with_entries
    from wnet.photographs.folder import find_photographs

    everything = params.load()
    check_name(name, folder)
    plan = planning.plan_of(everything, name, scale, resolution, run, model, cropped)
    photographs = find_photographs(folder)
    lists = inspection.read_lists(photographs, everything.crop.max_pixels)
    crop = planning.crop_of_plan(everything, plan, photographs, lists)
    added = planning.entries_of(everything, plan, crop, lists)
    text = params.FILE.read_text(encoding="utf-8")
    after = with_entries(text, added)
    whole = params.checked(YAML(typ="safe").load(after))
    subsets = planning.subsets_of(whole, plan, photographs)
    for line in inspection.describe_files(photographs, lists):
        click.echo(line)
    seen = inspection.look(photographs, lists, crop)
    for line in inspection.describe_faces(folder, seen, crop):
        click.echo(line)
    if folder.resolve() != (RAW / name).resolve():
        copy(photographs, RAW / name)
        click.echo(f"{RAW / name}: copied")
    write_text(params.FILE, after)
    click.echo(f"{params.FILE}: entries of {name} in {', '.join(added)}")
    for line in next_steps(whole, plan, seen, subsets):
        click.echo(line)


def check_name(name: str, folder: Path) -> None:
    """Raise ValueError if the name is invalid, or photographs or outputs exist under it."""
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        said = "letters, digits, `_` and `-`, 64 at most, a letter or digit first"
        raise ValueError(f"{name!r} is not a valid name: {said}") from error
    place = RAW / name
    if (place.exists() or place.is_symlink()) and folder.resolve() != place.resolve():
        raise ValueError(
            f"{place} already exists; choose another name, or `wnet new {name} {place}` for what"
            " is in it"
        )
    if place.with_name(f"{name}.dvc").exists() and not place.exists():
        raise ValueError(f"{place}.dvc exists: `dvc pull {place}.dvc` restores its photographs")
    if RAW.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{folder}: contains this project; give the folder of the photographs")


def copy(photographs: Photographs, place: Path) -> None:
    """Copy photographs and lists, or the archive that contains them, but no other files.

    The folder gets its name when it is complete.
    """
    names = list(photographs.others)
    if photographs.archive:
        names = [name for name in names if (photographs.folder / name).is_file()]
        names.append(photographs.archive.relative_to(photographs.folder).as_posix())
    else:
        names += photographs.names
    sizes = [(photographs.folder / name).stat().st_size for name in names]
    with writing(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    if sum(sizes) > (free := shutil.disk_usage(place.parent).free):
        raise ValueError(f"{place}: {sum(sizes):,} bytes to copy, and {free:,} are free")
    with (
        TemporaryDirectory(prefix=".new-", dir=place.parent) as work,
        progress("copy", sum(sizes), "B") as bar,
    ):
        for name, size in zip(names, sizes, strict=True):
            target = Path(work) / "made" / name
            with writing(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(photographs.folder / name, target)
            bar.update(size)
        (Path(work) / "made").rename(place)
