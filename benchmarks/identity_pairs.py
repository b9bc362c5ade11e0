"""Benchmark of how well each identity network distinguishes people.

It compares the similarities of all pairs of photographs of the same person and of two people.
People are drawn; --real is a folder with a folder for each person. Networks whose weights are
missing are left out and reported.

    python benchmarks/identity_pairs.py --people 60 --photographs 3
"""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import click
import numpy as np

from drawn.photograph import render
from pipeline.harness import environment
from pipeline.settings import params
from wnet.chosen import chosen, names
from wnet.files.weights import MissingWeights, verified
from wnet.identity.faces import IdentityNetwork
from wnet.landmarks.finder import choose_face
from wnet.landmarks.methods.dlib import dlib_landmarks
from wnet.photographs.images import decode
from wnet.photographs.passed_over import has_suffix

MAX_PIXELS = 64_000_000

Faces = list[tuple[int, np.ndarray, np.ndarray]]  # person, (H, W, 3) uint8 RGB, (68, 2)


@click.command()
@click.option("--people", default=60, show_default=True)
@click.option("--photographs", default=3, show_default=True, help="Of each person.")
@click.option("--resolution", default=128, show_default=True, help="Side of what is drawn, px.")
@click.option("--real", type=click.Path(path_type=Path, exists=True), help="A folder of people.")
def main(people: int, photographs: int, resolution: int, real: Path | None) -> None:
    """Compare pairs of photographs of the same person with pairs of two people."""
    sets = {"drawn": drawn(people, photographs, resolution)} | (
        {"real": read(real)} if real else {}
    )
    everything = params.load()
    for name, faces in sets.items():
        click.echo(f"{name}: {len(faces)} photographs of {len({who for who, *_ in faces})} people")
        click.echo("          one person: mean (5 %)   two people: mean (95 %)   equal error rate")
        for network in names("wnet.identity.networks"):
            part = chosen("wnet.identity.networks", network)
            try:
                files = {
                    role: verified(everything.weights[role].weights_file()) for role in part.WEIGHTS
                }
                loaded = part.load(files, environment.device)
            except MissingWeights as error:
                click.echo(f"{network:9} {str(error).split(' (')[0]} is not there")
                continue
            click.echo(f"{network:9} {line(faces, loaded)}")


def drawn(people: int, photographs: int, resolution: int) -> Faces:
    """Drawn people with their exact points, each photographed several times."""
    shots = [(who, shot) for who in range(people) for shot in range(photographs)]
    faces = ((who, render(who, shot, resolution)) for who, shot in shots)
    return [(who, face.image, face.points) for who, face in faces]


def read(folder: Path) -> Faces:
    """Photographs of people, with dlib's points of the largest face in each."""
    finder = dlib_landmarks(1024, 1)
    faces = []
    for who, person in enumerate(sorted(path for path in folder.iterdir() if path.is_dir())):
        for path in sorted(person.iterdir()):
            if has_suffix(path.name):
                image = decode(path.read_bytes(), MAX_PIXELS)
                (boxes,) = finder.detect([image])
                if len(boxes):
                    points = finder.predict([image], [boxes[choose_face(boxes, None)]])[0]
                    faces.append((who, image, points))
    return faces


def line(faces: Faces, network: IdentityNetwork) -> str:
    """Similarities of both kinds of pairs, and the equal error rate."""
    rows = np.concatenate([network.embed(image[None], points[None]) for _, image, points in faces])
    same, other = pairs([who for who, *_ in faces], rows)
    thresholds = np.concatenate([same, other])
    rejected = (same < thresholds[:, None]).mean(axis=1)
    accepted = (other >= thresholds[:, None]).mean(axis=1)
    nearest = np.argmin(np.abs(rejected - accepted))
    return (
        f"{same.mean():18.4f} ({np.quantile(same, 0.05):.4f})"
        f"  {other.mean():15.4f} ({np.quantile(other, 0.95):.4f})"
        f"  {(rejected[nearest] + accepted[nearest]) / 2:16.1%}"
    )


def pairs(who: Sequence[int], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosines of all pairs of rows: of the same person, and of two people."""
    same, other = [], []
    for i, j in combinations(range(len(rows)), 2):
        (same if who[i] == who[j] else other).append(float(rows[i] @ rows[j]))
    return np.array(same), np.array(other)


if __name__ == "__main__":
    main()
