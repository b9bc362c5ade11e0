"""One block of photographs to one shard of faces: what a process of the stage `crop` does."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline import schema, scratch
from wnet.data.images import UnreadableImage
from wnet.data.photographs import Photographs
from wnet.data.shards import write_shard
from wnet.faces.extraction import Extraction, Face, Rejected, extract_face
from wnet.faces.landmarks import dlib_landmarks


@dataclass(frozen=True)
class Block:
    """A run of photographs that becomes one shard (or none, where all of them are rejected).

    boxes, points: CelebA's annotation of them, where there is any.
    """

    photographs: Photographs
    names: tuple[str, ...]
    boxes: dict[str, np.ndarray]
    points: dict[str, np.ndarray]
    settings: schema.Crop
    shard: Path
    made_by: dict


def crop_block(block: Block) -> dict:
    """Crop one block into its shard; returns its counts and the rejected photographs."""
    note = block.shard.parent.parent / f"{block.shard.stem}.json"
    if note.exists():
        return json.loads(note.read_text(encoding="utf-8"))
    faces: dict[str, Face] = {}
    rejected = []
    for name in block.names:
        try:
            faces[name] = _crop_one(block, name)
        except Rejected as error:
            rejected.append({"name": name, "reason": error.reason, "detail": str(error)})
    if faces:
        write_shard(block.shard, _columns(faces), block.made_by)
    outcome = {
        "cropped": len(faces),
        "without_landmarks": sum(bool(np.isnan(face.points).any()) for face in faces.values()),
        "several_faces": sum(face.faces > 1 for face in faces.values()),
        "rejected": rejected,
    }
    scratch.write_text(note, json.dumps(outcome))
    return outcome


def _crop_one(block: Block, name: str) -> Face:
    settings = block.settings
    how = Extraction(
        crop=settings.crop_rule(),
        resolution=settings.resolution,
        min_side=settings.min_side,
        max_pixels=settings.max_pixels,
        max_disagreement=settings.max_disagreement,
    )
    try:
        data = block.photographs.read(name)
    except UnreadableImage as error:
        raise Rejected("unreadable", str(error)) from error
    return extract_face(
        data,
        how,
        dlib_landmarks(settings.detection_side, settings.upsampling),
        block.boxes.get(name),
        block.points.get(name),
    )


def _columns(faces: dict[str, Face]) -> dict[str, np.ndarray]:
    return {
        "name": np.array(list(faces)),
        "hr": np.stack([face.hr for face in faces.values()]),
        "points": np.stack([face.points for face in faces.values()]),
        "box": np.stack([face.box for face in faces.values()]),
        "faces": np.array([face.faces for face in faces.values()], np.uint16),
    }
