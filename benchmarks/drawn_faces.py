"""The speed of drawing faces, and how many of them dlib finds in the right place.

python benchmarks/drawn_faces.py --faces 1000
"""

import time

import click
import cv2
import numpy as np

from drawn.photograph import render
from wnet.landmarks.finder import choose_face
from wnet.landmarks.ibug68 import OUTER_EYE_CORNERS
from wnet.landmarks.methods.dlib import dlib_landmarks


@click.command()
@click.option("--faces", default=1000, show_default=True, help="How many faces to draw.")
@click.option("--resolution", default=256, show_default=True, help="Side of the photograph, px.")
def main(faces: int, resolution: int) -> None:
    """Draw FACES faces on one core and search for each of them, in a first and a second pass."""
    cv2.setNumThreads(1)
    looks = [dlib_landmarks(detection_side=1024, upsampling=upsampling) for upsampling in (0, 1)]
    found, errors, seconds = [0, 0], [], 0.0
    for number in range(faces):
        begun = time.process_time()
        face = render(number, number, resolution)
        seconds += time.process_time() - begun
        boxes = [look.detect([face.image])[0] for look in looks]
        found = [count + bool(len(seen)) for count, seen in zip(found, boxes, strict=True)]
        if len(boxes[1]):
            chosen = boxes[1][choose_face(boxes[1], None)]
            (points,) = looks[1].predict([face.image], [chosen])
            left, right = (face.points[corner] for corner in OUTER_EYE_CORNERS)
            distance = np.linalg.norm(points - face.points, axis=1).mean()
            errors.append(distance / np.linalg.norm(left - right))
    click.echo(f"drawn: {faces / seconds:.1f} faces of {resolution} px a second of one core")
    click.echo(
        f"found in the first pass: {found[0] / faces:.1%}, in two passes: {found[1] / faces:.1%}"
    )
    click.echo(f"dlib's landmarks off by {np.median(errors):.3f} of the outer eye corners (median)")


if __name__ == "__main__":
    main()
