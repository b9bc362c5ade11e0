"""Command `wnet upscale`: the faces of any picture, enlarged by a trained network."""

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import click
import numpy as np

from pipeline.commands.completion import trained
from pipeline.commands.pictures import Pictures, pictures_among, results_there
from pipeline.harness import environment
from pipeline.harness.command import plain_errors
from pipeline.harness.parallel import progress
from pipeline.settings import schema
from wnet.files.whole import written_whole
from wnet.photographs.decoder import decoder
from wnet.photographs.folder import read_bounded
from wnet.photographs.images import UnreadableImage
from wnet.photographs.passed_over import MADE_HERE


@click.command("upscale", short_help="Enlarge the faces of any pictures.")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
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
@click.option(
    "--overwrite", is_flag=True, help="Replace what has the results' names, whatever made it."
)
@plain_errors
def main(
    photos: tuple[Path, ...],
    out: Path,
    model: str | None,
    scale: int | None,
    compare: bool,
    overwrite: bool,
) -> None:
    """Enlarge the faces in PHOTOS (files, or folders of any depth) and write them to OUT as PNG.

    A picture of just the network's input size (16x16, say) is taken as it is. In any other, dlib
    finds the faces, and each is cropped and reduced as the network's training faces were. Several
    faces of one picture are numbered from the largest.

    Nothing is replaced unless --overwrite is given; then no results of an earlier run of the same
    pictures are left. In folders hidden files, thumbnails of systems and earlier results are passed
    over. What holds no face or cannot be read is named, the others are done all the same, and the
    exit code is 1.

    \b
    wnet upscale photo.jpg -o out              out/photo.png
    wnet upscale album/ -o out -m sample-x4    every picture below album/, by this network
    wnet upscale photo.jpg -o out --compare    beside the input, bicubic and the original
    """
    from pipeline.commands.models import choose_model, crop_of
    from wnet.networks.saved import load

    asked = pictures_among(photos, out)
    there = results_there(asked, out)
    if there and not overwrite:
        first, *others = [path for paths in there.values() for path in paths]
        more = f" and {len(others)} more" if others else ""
        raise ValueError(f"{first}{more}: there already; another folder, or --overwrite")
    counts = Counter()
    if asked.named:
        folder = choose_model(model, scale)
        network = load(folder, environment.device())
        enlarge = partial(enlarged, network=network, crop=crop_of(folder), compare=compare)
        counts = write_results(asked, out, there, enlarge)
    for line in asked.refused:
        click.echo(line, err=True)
    said = f"{counts['faces']} faces of {counts['pictures']} pictures"
    said += f", {len(asked.refused)} without a result" if asked.refused else ""
    said += f", {asked.passed_over} passed over" if asked.passed_over else ""
    click.echo(f"{out}: {said}")
    if asked.refused:
        raise SystemExit(1)


def write_results(
    asked: Pictures,
    out: Path,
    there: dict[str, list[Path]],
    enlarge: Callable[[Path], Iterator[np.ndarray]],
) -> Counter[str]:
    """Write what is made of each picture; returns how many pictures and faces there are.

    A picture that nothing can be made of is refused, and the next one done.
    """
    counts = Counter()
    with progress("upscale", len(asked.named), "picture") as bar:
        for name, photo in asked.named.items():
            try:
                made = list(enlarge(photo))
                replace_results(made, out / name, there.get(name, ()))
            except (UnreadableImage, OSError) as error:
                asked.refuse(photo, getattr(error, "strerror", None) or error)
            else:
                if not made:
                    asked.refuse(photo, "no face found")
                counts.update(faces=len(made), pictures=bool(made))
            bar.update()
    return counts


def enlarged(photo: Path, network, crop: schema.Crop, compare: bool) -> Iterator[np.ndarray]:
    """What is written for each face of a picture: (R, R, 3) uint8 RGB, wider to compare.

    Raises UnreadableImage.
    """
    from wnet.crops.input_faces import input_faces
    from wnet.data.pixels import to_bytes, to_planes
    from wnet.landmarks.methods.dlib import dlib_landmarks
    from wnet.networks.network import upscale

    image = decoded(photo, crop.max_pixels)
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


def decoded(photo: Path, max_pixels: int) -> np.ndarray:
    """A picture's pixels; raises UnreadableImage or OSError, also where it ended the decoder."""
    bounded = decoder(max_pixels)
    data = read_bounded(photo, bounded.bounds.bytes)
    try:
        return bounded.decode(data)
    except RuntimeError as error:
        raise UnreadableImage(str(error)) from error


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


def replace_results(made: list[np.ndarray], path: Path, there: Iterable[Path]) -> None:
    """Write the faces of a picture to PATH.png, or several to PATH.face1.png and so on.

    What is there of an earlier run and not replaced is removed.
    """
    places = [path.with_name(f"{path.name}.face{number + 1}.png") for number in range(len(made))]
    if len(made) == 1:
        places = [path.with_name(f"{path.name}.png")]
    for old in set(there).difference(places):
        old.unlink()
    for picture, place in zip(made, places, strict=True):
        save(picture, place)


def save(picture: np.ndarray, path: Path) -> None:
    """Write a PNG that says what made it, and takes its name when it is whole."""
    from PIL import Image, PngImagePlugin

    note, file = PngImagePlugin.PngInfo(), io.BytesIO()
    note.add_text(*MADE_HERE.decode().split("\0"))
    Image.fromarray(picture).save(file, "PNG", optimize=True, pnginfo=note)
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path, file.tell()) as part:
        part.write_bytes(file.getvalue())


if __name__ == "__main__":
    main()
