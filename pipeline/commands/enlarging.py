"""The enlargement of one picture by `wnet upscale`, in any process."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from pipeline.commands.models import available_detection, crop_of, title_of_model
from pipeline.commands.results import Form, write_results
from pipeline.harness import environment
from pipeline.settings import sections
from wnet.crops.input_faces import face_squares, input_faces
from wnet.crops.rules import NotSquare
from wnet.data.pixels import to_bytes, to_planes
from wnet.data.resize import bicubic
from wnet.figures.grid import enlarge as repeated
from wnet.figures.side_by_side import side_by_side
from wnet.landmarks.finder import LandmarkFinder, load_finder
from wnet.networks.network import Network, upscale
from wnet.networks.saved import load
from wnet.networks.whole_picture import EnlargedFace, enlarge_faces, with_faces
from wnet.photographs.decoder import decoder
from wnet.photographs.folder import read_bounded
from wnet.photographs.refusals import UnreadableImage

MOST_PIXELS = 256_000_000  # of a result
LOOKS_LARGER = 2  # doublings in which small faces are searched for, whatever training used


@dataclass(frozen=True)
class Task:
    """The options for enlarging and writing pictures.

    Attributes:
        model: the network's folder. faces: write each face instead of the whole picture.
        degrade: first reduce faces to the network's input size, as in the paper's experiment.
        compare: also show the input and bicubic interpolation.
        boxes: also write a JSON file with the positions of the faces.
    """

    model: Path
    out: Path
    form: Form
    faces: bool
    degrade: bool
    compare: bool
    boxes: bool


@dataclass
class Outcome:
    """The outcome for one picture: `refused` says why it failed, `notes` are for the user."""

    faces: int = 0
    pictures: int = 0
    refused: str | None = None
    notes: list[str] = field(default_factory=list)


def enlarge_picture(task: Task, name: str, picture: Path, there: list[Path]) -> Outcome:
    """Write the results of one picture; earlier results, `there`, are replaced or removed."""
    outcome = Outcome()
    known = load_enlarger(task.model)
    try:
        image = decoded(picture, known.crop.max_pixels)
        made, places = _made(task, image, known, outcome)
        write_results(task.out / name, task.form, made, places if task.boxes else None, there)
    except (UnreadableImage, NotSquare, OSError) as error:
        return Outcome(refused=str(getattr(error, "strerror", None) or error))
    if not made:
        outcome.refused = "no face found"
    outcome.pictures = int(bool(made))
    return outcome


@dataclass(frozen=True)
class Enlarger:
    """A loaded network, its title, the crop settings of its training, and the finder of faces."""

    network: Network
    title: str
    crop: sections.Crop
    finder: LandmarkFinder

    @property
    def lr_side(self) -> int:
        """The side, in pixels, of the LR faces in the network's training."""
        return self.crop.resolution // self.network.scale


def faces_of(image: np.ndarray, known: Enlarger) -> list[EnlargedFace]:
    """Enlarge the faces of a picture at their own size, the largest first; raises NotSquare.

    If the search as in training finds none, smaller faces are searched for: upright and rotated
    ones in the doubled picture, and upright ones in a still larger one, which takes seconds.
    """
    crop = known.crop
    squares = face_squares(image, crop, crop, known.finder, known.lr_side)
    for doublings in range(1, LOOKS_LARGER + 1):
        finder = known.finder.enlarging(doublings)
        looks = crop if doublings == 1 else crop.model_copy(update={"turns": ()})
        squares = squares or face_squares(image, crop, looks, finder, known.lr_side)
    return enlarge_faces(image, squares, known.network, crop.resolution, environment.device())


def check_size(image: np.ndarray, scale: int, most: int) -> None:
    """Raise UnreadableImage if the enlarged picture would have more than `most` pixels."""
    height, width = (scale * length for length in image.shape[:2])
    if height * width > most:
        raise UnreadableImage(f"would have {width} x {height} pixels, more than {most:,} in all")


def about(faces: list[EnlargedFace], resolution: int) -> list[str]:
    """Notes for the user about faces that the network did not enlarge."""
    return [
        f"a face of {face.side} px, more than {resolution} px, is enlarged by bicubic"
        for face in faces
        if face.pixels is None
    ]


def _made(
    task: Task, image: np.ndarray, known: Enlarger, outcome: Outcome
) -> tuple[list[np.ndarray], str]:
    """The pictures to write, and the positions of the faces as JSON."""
    network, crop = known.network, known.crop
    if task.degrade:
        lr_side = known.lr_side
        found = input_faces(image, crop, crop, known.finder, crop.resolution, lr_side)
        outcome.faces = len(found)
        small = [face.side for face in found if face.side < lr_side]
        outcome.notes += [f"a face of {side} px, less than {lr_side} px" for side in small]
        return list(_degraded(known, found, task.compare)), _places(image, network, [])
    if not task.faces:
        check_size(image, network.scale, MOST_PIXELS)
    faces = faces_of(image, known)
    outcome.faces = len(faces)
    outcome.notes += about(faces, crop.resolution)
    if not faces and not task.faces:
        outcome.notes.append("no face found; enlarged by bicubic alone")
    if task.faces:
        made = _faces(image, network, faces)
    else:
        made = [with_faces(image, faces, network.scale)]
    if task.compare:
        seen = [face.square.cut(image) for face in faces] if task.faces else [image]
        made = [_compared(before, after, known) for before, after in zip(seen, made, strict=True)]
    return made, _places(image, network, faces)


def _faces(image: np.ndarray, network: Network, faces: list[EnlargedFace]) -> list[np.ndarray]:
    """Each face alone, enlarged by the network, or by bicubic if it is too large for that."""
    made = []
    for face in faces:
        if face.pixels is None:
            check_size(face.square.cut(image), network.scale, MOST_PIXELS)
            made.append(_smooth(face.square.cut(image), network))
        else:
            made.append(face.pixels)
    return made


def _degraded(known: Enlarger, faces: list, compare: bool) -> Iterator[np.ndarray]:
    """Yield (R, R, 3) uint8 RGB of each face; to compare, beside input, bicubic and original."""
    if not faces:
        return
    lr = to_planes(np.stack([face.lr for face in faces]), environment.device())
    for face, sr in zip(faces, to_bytes(upscale(known.network, lr)[0]), strict=True):
        yield _compared(face.lr, sr, known, face.hr) if compare else sr


def _compared(
    before: np.ndarray, after: np.ndarray, known: Enlarger, original: np.ndarray | None = None
) -> np.ndarray:
    shown = [
        ("Input", repeated(before, known.network.scale)),
        ("Bicubic", _smooth(before, known.network)),
        (known.title, after),
    ]
    return side_by_side(shown + ([] if original is None else [("Original", original)]))


def _smooth(image: np.ndarray, network: Network) -> np.ndarray:
    height, width = (network.scale * length for length in image.shape[:2])
    return bicubic(image[None], height, width)[0]


def _places(image: np.ndarray, network: Network, faces: list[EnlargedFace]) -> str:
    """JSON: the size of the input, the square of each face in its pixels, and what enlarged it.

    A face that is not upright has `turn`: degrees counterclockwise that would make it upright.
    """
    return json.dumps(
        {
            "made_by": "wnet upscale",
            "width": image.shape[1],
            "height": image.shape[0],
            "scale": network.scale,
            "faces": [
                {"box": [int(value) for value in face.square.box]}
                | ({"turn": face.square.turn} if face.square.turn else {})
                | {"by": "bicubic" if face.pixels is None else network.kind()}
                for face in faces
            ],
        },
        indent=1,
    )


@lru_cache(maxsize=1)
def load_enlarger(folder: Path) -> Enlarger:
    """Load a network and what belongs to it, once per process."""
    here = available_detection(crop_of(folder))
    finder = load_finder(here.crop, here.files(), environment.device)
    return Enlarger(load(folder, environment.device()), title_of_model(folder), here.crop, finder)


def decoded(picture: Path, max_pixels: int) -> np.ndarray:
    """Decode a picture file; raises UnreadableImage or OSError, also if the decoder crashes."""
    return decoded_bytes(read_bounded(picture, decoder(max_pixels).bounds.bytes), max_pixels)


def decoded_bytes(data: bytes, max_pixels: int) -> np.ndarray:
    """As `decoded`, for the bytes of a picture."""
    try:
        return decoder(max_pixels).decode(data)
    except RuntimeError as error:
        raise UnreadableImage(str(error)) from error
