"""One block of photographs to one shard of faces: the unit of work of the stage `crop`."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from xxhash import xxh3_128_hexdigest

from pipeline.harness import environment, scratch
from pipeline.harness.advance import advance, resumed
from pipeline.settings import sections
from wnet.crops.extraction import Annotation, Face, Rejected, cut_faces, find_landmarks
from wnet.data.shards import write_shard
from wnet.landmarks.finder import LandmarkFinder, load_finder, parts
from wnet.photographs.decoder import decoder
from wnet.photographs.folder import Photographs
from wnet.photographs.keys import face_key
from wnet.photographs.refusals import NoDecoder, OversizedImage, UnreadableImage

_REASONS = {
    UnreadableImage: "unreadable",
    OversizedImage: "oversized",
    NoDecoder: "no decoder",
}
_ON_CPU, _ON_GPU = 4, 32  # photographs whose landmarks are found together
_PIXELS_AT_ONCE = 1 << 24  # of them


@dataclass(frozen=True)
class Block:
    """A sequence of photographs that becomes one shard, or none if all are rejected.

    boxes, points: CelebA's annotations of them, if any. files: the weights, by role.
    """

    photographs: Photographs
    names: tuple[str, ...]
    boxes: dict[str, np.ndarray]
    points: dict[str, np.ndarray]
    settings: sections.Crop
    files: tuple[tuple[str, Path], ...]
    shard: Path


def crop_block(block: Block) -> dict:
    """Crop one block into its shard.

    Returns the counts for each face, the rejected photographs, and a digest of the pixels of each
    photograph that could be decoded.
    """
    note = block.shard.parent.parent / f"{block.shard.stem}.json"
    if note.exists():
        resumed()
        return json.loads(note.read_text(encoding="utf-8"))
    faces: dict[str, Face] = {}
    rejected = []
    pixels: dict[str, str] = {}
    for key, made in _cropped(block, pixels):
        if isinstance(made, Rejected):
            rejected.append({"name": key, "reason": made.reason, "detail": str(made)})
        else:
            faces[key] = made
    if faces:
        write_shard(block.shard, _columns(faces))
    outcome = {
        "faces": {
            key: {
                "without_landmarks": bool(np.isnan(face.points).any()),
                "several_faces": face.faces > 1,
                "turned": face.turn != 0,
                "enlarged": face.enlarged,
            }
            for key, face in faces.items()
        },
        "rejected": rejected,
        "pixels": pixels,
    }
    scratch.write_text(note, json.dumps(outcome))
    return outcome


def _cropped(block: Block, pixels: dict[str, str]) -> Iterator[tuple[str, Face | Rejected]]:
    """Each photograph's faces or the reason for rejection, by key, in the order of the photographs.

    `pixels` is filled with the digests of the photographs' pixels.
    """
    bounded = decoder(block.settings.max_pixels)
    at_once = _ON_GPU if _on_gpu(block.settings) else _ON_CPU
    read = partial(block.photographs.read, most=bounded.bounds.bytes)
    batch: dict[str, np.ndarray | Rejected] = {}
    size = 0
    for name, made in zip(block.names, bounded.decode_all(block.names, read), strict=True):
        if isinstance(made, UnreadableImage):
            batch[name] = Rejected(_REASONS[type(made)], str(made))
        else:
            batch[name] = made
            pixels[name] = xxh3_128_hexdigest(made.data, seed=made.shape[1])  # as wide as it is
            size += made.shape[0] * made.shape[1]
        if len(batch) == at_once or size >= _PIXELS_AT_ONCE:
            yield from _cropped_together(block, batch)
            batch, size = {}, 0
    yield from _cropped_together(block, batch)


def _cropped_together(
    block: Block, batch: dict[str, np.ndarray | Rejected]
) -> Iterator[tuple[str, Face | Rejected]]:
    images = {name: image for name, image in batch.items() if not isinstance(image, Rejected)}
    annotations = {
        name: Annotation(block.boxes.get(name), block.points.get(name)) for name in images
    }
    found = find_landmarks(
        list(images.values()),
        list(annotations.values()),
        landmark_finder(block.settings, block.files),
        block.settings.rule,
        block.settings,
    )
    landmarks = dict(zip(images, found, strict=True))
    for name, image in batch.items():
        if isinstance(image, Rejected):
            yield name, image
        else:
            faces = cut_faces(image, landmarks[name], block.settings, annotations[name])
            yield from ((face_key(name, rank), made) for rank, made in faces)
        advance()


def _on_gpu(settings: sections.Crop) -> bool:
    return any(part.GPU for part in parts(settings)) and environment.device() != "cpu"


@lru_cache(maxsize=1)
def landmark_finder(settings: sections.Crop, files: tuple[tuple[str, Path], ...]) -> LandmarkFinder:
    """The landmark finder of this process, cached since loading takes seconds."""
    return load_finder(settings, dict(files), environment.device)


def _columns(faces: dict[str, Face]) -> dict[str, np.ndarray]:
    return {
        "name": np.array(list(faces)),
        "hr": np.stack([face.hr for face in faces.values()]),
        "points": np.stack([face.points for face in faces.values()]),
        "box": np.stack([face.box for face in faces.values()]),
        "turn": np.array([face.turn for face in faces.values()], np.uint16),
        "faces": np.array([face.faces for face in faces.values()], np.uint16),
    }
