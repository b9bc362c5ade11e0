"""Command `wnet upscale`: the faces of any picture, enlarged by a trained network."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import numpy as np

from pipeline.commands.completion import trained
from pipeline.harness import environment
from pipeline.harness.command import plain_errors
from pipeline.harness.parallel import progress
from pipeline.settings import schema
from wnet.files.whole import written_whole
from wnet.photographs.decoder import decoder
from wnet.photographs.images import SUFFIXES, UnreadableImage


@click.command("upscale", short_help="Enlarge the faces of any pictures.")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the pictures; it is made where it is not there.",
)
@click.option(
    "-m",
    "--model",
    shell_complete=trained,
    help="A training's name or a network's folder; else the only one in models/.",
)
@click.option("-s", "--scale", type=int, help="Of the network; chooses among several.")
@click.option("--compare", is_flag=True, help="Input, bicubic, network (and original) in a row.")
@plain_errors
def main(
    photos: tuple[Path, ...], out: Path, model: str | None, scale: int | None, compare: bool
) -> None:
    """Enlarge the faces in PHOTOS (files, or folders of any depth) and write them to OUT as PNG.

    A picture of just the network's input size (16x16, say) is taken as it is. In any other, dlib
    finds the faces, and each is cropped and reduced as the network's training faces were. Several
    faces of one picture are numbered from the largest.

    Pictures without a face are named; the exit code is 1 if there are any.

    \b
    wnet upscale photo.jpg -o out              out/photo.png
    wnet upscale album/ -o out -m sample-x4    every picture below album/, by this network
    wnet upscale photo.jpg -o out --compare    beside the input, bicubic and the original
    """
    from pipeline.commands.models import choose_model, crop_of
    from wnet.networks.saved import load

    targets = plan(photos, out)
    folder = choose_model(model, scale)
    network = load(folder, environment.device())
    crop = crop_of(folder)
    written, refused = 0, []
    with progress("upscale", len(targets), "picture") as bar:
        for name, photo in targets.items():
            try:
                made = list(enlarged(photo, network, crop, compare))
            except UnreadableImage as error:
                made = []
                refused.append(f"{photo}: {error}")
            else:
                refused += [] if made else [f"{photo}: no face found"]
            for number, picture in enumerate(made, start=1):
                numbered = name if len(made) == 1 else f"{name}.face{number}"
                save(picture, out / f"{numbered}.png")
            written += len(made)
            bar.update()
    for line in refused:
        click.echo(line, err=True)
    click.echo(f"{out}: {written} faces of {len(targets) - len(refused)} pictures")
    if refused:
        raise SystemExit(1)


def plan(photos: Iterable[Path], out: Path) -> dict[str, Path]:
    """Pictures by what is written for them: a path below `out`, without its suffix.

    Raises ValueError where there is none, two would take one name, or an output is an input.
    """
    targets: dict[str, Path] = {}
    for name, photo in _named(photos):
        if re.search(r"\.face\d+$", name):
            raise ValueError(f"{photo}: names that end in .face and a number are for outputs")
        if name in targets:
            both = f"{targets[name]} and {photo}"
            raise ValueError(f"{both} would both become {name}.png; rename one of them")
        if (out / f"{name}.png").resolve() == photo.resolve():
            raise ValueError(f"{photo} would be written over; choose another folder than {out}")
        targets[name] = photo
    if not targets:
        raise ValueError(f"no picture among what was given (looked for {sorted(SUFFIXES)})")
    return targets


def enlarged(photo: Path, network, crop: schema.Crop, compare: bool) -> Iterator[np.ndarray]:
    """What is written for each face of a picture: (R, R, 3) uint8 RGB, wider to compare.

    Raises UnreadableImage.
    """
    from wnet.crops.input_faces import input_faces
    from wnet.data.pixels import to_bytes, to_planes
    from wnet.landmarks.methods.dlib import dlib_landmarks
    from wnet.networks.network import upscale

    image = decoder(crop.max_pixels).decode(photo.read_bytes())
    lr_side = crop.resolution // network.scale
    landmarks = dlib_landmarks(crop.detection_side, crop.upsampling)
    faces = input_faces(image, crop, landmarks, crop.resolution, lr_side)
    for face in faces:
        if face.side < lr_side:
            click.echo(f"{photo}: a face of {face.side} px, less than {lr_side} px", err=True)
    if not faces:
        return
    lr = to_planes(np.stack([face.lr for face in faces]), environment.device())
    for face, picture in zip(faces, to_bytes(upscale(network, lr)[0]), strict=True):
        yield beside(face, picture) if compare else picture


def beside(face, sr: np.ndarray) -> np.ndarray:
    """Input, bicubic, network and, where there is one, original in a row."""
    from wnet.data.resize import bicubic
    from wnet.figures.grid import enlarge
    from wnet.figures.progress import progress_sheet

    side = len(sr)
    original = [] if face.hr is None else [face.hr]
    smooth = bicubic(face.lr[None], side, side)[0]
    return progress_sheet(
        [np.stack([enlarge(face.lr, side // len(face.lr)), smooth, sr, *original])]
    )


def save(picture: np.ndarray, path: Path) -> None:
    """Write a PNG, which takes its name when it is whole."""
    from wnet.figures.grid import as_png

    path.parent.mkdir(parents=True, exist_ok=True)
    content = as_png(picture)
    with written_whole(path, len(content)) as part:
        part.write_bytes(content)


def _named(photos: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Files by their stems, and those in folders, at any depth, by their paths below these."""
    for photo in photos:
        if not photo.is_dir():
            yield photo.stem, photo
            continue
        for path in sorted(photo.rglob("*")):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                yield path.relative_to(photo).with_suffix("").as_posix(), path


if __name__ == "__main__":
    main()
