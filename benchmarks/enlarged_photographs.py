"""The gain of `wnet upscale` over bicubic on the faces of photographs, by their input size.

    python benchmarks/enlarged_photographs.py FOLDER --model models/sample-x4/network

Each photograph with one face is reduced until the side of the face's square is a given input side
times the scale; this is the ground truth. It is reduced by the scale again to give the input, which
is enlarged as a whole. The gain is the PSNR of the face's square in RGB, ours minus bicubic's, with
a 95 % interval over the photographs.
"""

from pathlib import Path

import click
import numpy as np

from pipeline.commands.models import crop_of
from wnet.crops.input_faces import Square, face_squares
from wnet.data.resize import bicubic
from wnet.landmarks.methods.dlib import dlib_landmarks
from wnet.metrics.paired import interval_of_mean
from wnet.metrics.settings import Intervals
from wnet.networks.saved import load
from wnet.networks.whole_picture import enlarge
from wnet.photographs.decoder import decoder
from wnet.photographs.folder import find_photographs

SIDES = (16, 24, 32, 48, 64, 96, 128)
INTERVALS = Intervals(seed=1, resamples=10_000)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--model", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--photographs", default=60, show_default=True, help="Evenly spread over the folder.")
@click.option("--any-size", is_flag=True, help="Ask the network for faces of every size.")
def main(folder: Path, model: Path, photographs: int, any_size: bool) -> None:
    """Print a row for each input size of faces."""
    network, crop = load(model, "cpu"), crop_of(model)
    finder = dlib_landmarks(crop.detection_side, crop.upsampling)
    found = find_photographs(folder)
    step = max(1, len(found.names) // photographs)
    gains: dict[int, list[float]] = {side: [] for side in SIDES}
    largest = 10**6 if any_size else crop.resolution
    for name in found.names[::step]:
        image = decoder(crop.max_pixels).decode(found.read(name, 1 << 30))
        squares = face_squares(image, crop, crop, finder, 0)
        if len(squares) != 1 or squares[0].turn:
            continue
        for side in SIDES:
            gain = _gain(image, squares[0].box, side, network, largest)
            if gain is not None:
                gains[side].append(gain)
    print("| side | photographs | gain in dB, 95 % interval | faces won |\n|---|---|---|---|")
    for side, values in gains.items():
        if len(values) > 1:
            low, high = (end[0] for end in interval_of_mean(np.array([values]), INTERVALS))
            won = np.mean(np.array(values) > 0)
            print(
                f"| {side} to {network.scale * side} px | {len(values)}"
                f" | {np.mean(values):+.2f} ({low:+.2f} to {high:+.2f}) | {won:.0%} |"
            )


def _gain(image: np.ndarray, box, side: int, network, largest: int) -> float | None:
    """Gain in dB for an input side of `side` px; None if the photograph's face is too small."""
    scale = network.scale
    ratio = scale * side / (box[2] - box[0])
    if ratio > 1:
        return None
    height, width = (max(1, round(length * ratio / scale)) for length in image.shape[:2])
    truth = bicubic(image[None], scale * height, scale * width)[0]
    small = bicubic(truth[None], height, width)[0]
    low = [round(value * ratio / scale) for value in box[:2]]
    square = (*low, low[0] + side, low[1] + side)
    ours, _ = enlarge(small, [Square(square)], network, largest, "cpu")
    smooth = bicubic(small[None], scale * height, scale * width)[0]
    rows = slice(max(0, scale * square[1]), scale * square[3])
    columns = slice(max(0, scale * square[0]), scale * square[2])
    errors = [
        np.mean((made[rows, columns].astype(float) - truth[rows, columns]) ** 2)
        for made in (ours, smooth)
    ]
    return float(10 * np.log10(errors[1] / errors[0]))


if __name__ == "__main__":
    main()
