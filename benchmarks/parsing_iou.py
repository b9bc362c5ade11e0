"""The IoU of the parsing by landmarks with exact and with hand-drawn masks.

python benchmarks/parsing_iou.py --resolution 128
python benchmarks/parsing_iou.py --real FOLDER    # holds celebamask/images and celebamask/masks
"""

from collections.abc import Iterator
from pathlib import Path

import click
import cv2
import numpy as np
from PIL import Image

from drawn.photograph import render
from wnet.crops.rules import CropRule, crop_box, cut_out
from wnet.data.resize import bicubic
from wnet.landmarks.finder import choose_face
from wnet.landmarks.methods.dlib import dlib_landmarks
from wnet.parsing.by_landmarks import classes_by_landmarks
from wnet.parsing.classes import CELEBAMASK_TO_BISENET

PARTS = {
    "skin": (1,),
    "nose": (10,),
    "eyes": (4, 5),
    "brows": (2, 3),
    "mouth": (11, 12, 13),
    "hair": (17,),
    "neck": (14,),
}
RULE = CropRule(rule="landmarks", extent=1.5, lift=0.09, dic_expansion=0.3, border="shift")
Example = tuple[np.ndarray, np.ndarray, np.ndarray]  # photograph, points, classes


def drawn(numbers: range) -> Iterator[Example]:
    """Drawn faces of these numbers with their exact landmarks."""
    for number in numbers:
        face = render(number, number, 256)
        yield face.image, face.points, face.classes


def photographs(folder: Path, chosen: slice) -> Iterator[Example]:
    """Photographs in `folder`/images, `chosen` from their names in order, with dlib's landmarks.

    Their masks are in `folder`/masks, in the format of CelebAMask-HQ; photographs in which dlib
    finds no face are skipped.
    """
    dlib = dlib_landmarks(detection_side=1024, upsampling=1)
    for path in sorted((folder / "images").iterdir())[chosen]:
        image = np.asarray(Image.open(path).convert("RGB"))
        (boxes,) = dlib.detect([image])
        if len(boxes):
            mask = np.asarray(Image.open(folder / "masks" / f"{path.stem}.png"))
            (points,) = dlib.predict([image], [boxes[choose_face(boxes, None)]])
            yield image, points, CELEBAMASK_TO_BISENET[mask]


def cropped(example: Example, resolution: int) -> Example:
    """The example cropped as in the pipeline."""
    image, points, classes = example
    box = crop_box(RULE, image.shape[:2], points, None)
    hr = bicubic(cut_out(image, box)[None], resolution, resolution)[0]
    true = cv2.resize(
        cut_out(classes, box), (resolution, resolution), interpolation=cv2.INTER_NEAREST_EXACT
    )
    inside = (points - box[:2] + 0.5) * resolution / (box[2] - box[0]) - 0.5
    return hr, inside.astype(np.float32), true


def compare(example: Example, resolution: int) -> dict[str, float]:
    """The IoU of each part that is in the mask."""
    hr, points, true = cropped(example, resolution)
    ours = classes_by_landmarks(hr, points)
    scores = {}
    for part, ids in PARTS.items():
        mine, theirs = np.isin(ours, ids), np.isin(true, ids)
        if theirs.any():
            scores[part] = (mine & theirs).sum() / (mine | theirs).sum()
    return scores


@click.command()
@click.option("--real", type=click.Path(path_type=Path), help="Score on its photographs instead.")
@click.option("--count", default=100, show_default=True, help="How many faces.")
@click.option("--resolution", default=128, show_default=True, help="Side of the crop, px.")
def main(real: Path | None, count: int, resolution: int) -> None:
    """Print the mean IoU of each part over the faces that have it."""
    held_back = slice(-count, None)  # `fit_parser` uses the others
    examples = (
        photographs(real / "celebamask", held_back) if real else drawn(range(100, 100 + count))
    )
    rows = [compare(example, resolution) for example in examples]
    click.echo(f"{len(rows)} faces of {resolution} px")
    for part in PARTS:
        shown = [row[part] for row in rows if part in row]
        click.echo(f"{part:6} {np.mean(shown):.3f} on {len(shown)}")


if __name__ == "__main__":
    main()
