"""The error of each landmark method, and how many faces each detector misses.

Faces are drawn, with exact points. --real is a folder of photographs and a JSON file
{photograph: [[[x, y] * 68] for each face]}. Methods whose weights are missing are left out and
reported. A face is missed if no box overlaps that of its points by 0.3 (IoU); the NME is normalized
by the outer eye corners and is over the faces found.

    python benchmarks/landmark_methods.py --faces 200
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np

from drawn.photograph import render
from pipeline.harness import environment
from pipeline.settings import params, sections
from wnet.files.weights import MissingWeights, verified
from wnet.landmarks.finder import load_finder, parts
from wnet.landmarks.ibug68 import OUTER_EYE_CORNERS
from wnet.photographs.images import decode

METHODS = {
    "dlib": {"landmarks": "dlib"},
    "dlib, yunet": {"landmarks": "dlib", "detector": "yunet"},
    "fan, sfd": {"landmarks": "fan"},
    "fan, yunet": {"landmarks": "fan", "detector": "yunet"},
}
OVERLAP, FAILURE, MAX_PIXELS = 0.3, 0.10, 64_000_000

Photograph = tuple[np.ndarray, np.ndarray]  # (H, W, 3) uint8 RGB, and (faces, 68, 2)


@click.command()
@click.option("--faces", default=200, show_default=True, help="How many faces to draw.")
@click.option("--resolution", default=256, show_default=True, help="Side of what is drawn, px.")
@click.option("--real", type=click.Path(path_type=Path, exists=True), help="The JSON file.")
def main(faces: int, resolution: int, real: Path | None) -> None:
    """Compare every landmark method with exact points."""
    sets = {"drawn": drawn(faces, resolution)} | ({"real": annotated(real)} if real else {})
    everything = params.load()
    for name, photographs in sets.items():
        total = sum(len(truth) for _, truth in photographs)
        click.echo(f"{name}: {total} faces in {len(photographs)} pictures")
        click.echo(
            f"{'':14} missed  median NME  mean NME  above {FAILURE:.2f}  points less the truth, x y"
        )
        for method, keys in METHODS.items():
            settings = everything.crop.model_copy(update=keys)
            try:
                finder = _finder(settings, everything.weights)
            except MissingWeights as error:
                click.echo(f"{method:14} {str(error).split(' (')[0]} is not there")
                continue
            click.echo(f"{method:14} {line(photographs, finder.detect, finder.predict)}")


def _finder(settings: sections.Crop, weights: sections.Weights):
    roles = (role for part in parts(settings) for role in part.WEIGHTS)
    files = {role: verified(weights[role].weights_file()) for role in roles}
    return load_finder(settings, files, environment.device)


def drawn(faces: int, resolution: int) -> list[Photograph]:
    """Drawn faces with their exact points."""
    pictures = (render(number, number, resolution) for number in range(faces))
    return [(face.image, face.points[None]) for face in pictures]


def annotated(path: Path) -> list[Photograph]:
    """Photographs with the points in the JSON file beside them."""
    points = json.loads(path.read_text(encoding="utf-8"))
    return [
        (decode((path.parent / name).read_bytes(), MAX_PIXELS), np.array(truth, np.float64))
        for name, truth in sorted(points.items())
    ]


def line(
    photographs: Sequence[Photograph],
    detect: Callable[[Sequence[np.ndarray]], list[np.ndarray]],
    predict: Callable[[Sequence[np.ndarray], Sequence[np.ndarray]], np.ndarray],
) -> str:
    """Misses and errors of a method."""
    missed, errors, shifts = 0, [], []
    for image, faces in photographs:
        (boxes,) = detect([image])
        for truth in faces:
            overlaps = [overlap(box, truth) for box in boxes]
            if max(overlaps, default=0) < OVERLAP:
                missed += 1
            else:
                (points,) = predict([image], [boxes[int(np.argmax(overlaps))]])
                left, right = (truth[corner] for corner in OUTER_EYE_CORNERS)
                errors.append(np.linalg.norm(points - truth, axis=1).mean())
                errors[-1] /= np.linalg.norm(left - right)
                shifts.append((points - truth).mean(axis=0))
    if not errors:
        return f"{missed:6}"
    x, y = np.mean(shifts, axis=0)
    return (
        f"{missed:6}  {np.median(errors):10.4f}  {np.mean(errors):8.4f}"
        f"  {np.mean(np.array(errors) > FAILURE):10.1%}  {x:+.2f} {y:+.2f} px"
    )


def overlap(box: np.ndarray, points: np.ndarray) -> float:
    """Intersection over union of a detector's box and the bounding box of 68 points."""
    low, high = points.min(axis=0), points.max(axis=0)
    sides = np.clip(np.minimum(box[2:], high) - np.maximum(box[:2], low), 0, None)
    both = np.prod(sides)
    return float(both / (np.prod(box[2:] - box[:2]) + np.prod(high - low) - both))


if __name__ == "__main__":
    main()
