"""The faces of one evaluation, paired by name across the locations of their data."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.harness.record import MADE_BY, made_by, read_record
from pipeline.pages.face_scores import FaceScore
from pipeline.pages.scores import read_json
from pipeline.tables import methods_of
from wnet.data.shards import Shards, columns_of, read_shard
from wnet.figures.face_row import Face
from wnet.files.weights import sha256_of


@dataclass(frozen=True, kw_only=True)
class Places:
    """The folders that the stages read and wrote; `reference` is a shard, `split` holds counts.

    The counts of `crop` and `parse` are in JSON files beside their folders. Bicubic interpolation
    has no `model`.
    """

    raw: Path
    crops: Path
    parsing: Path
    pyramid: Path
    reference: Path
    model: Path | None
    results: Path
    split: Path

    def counts(self) -> dict[str, dict]:
        """The counts of `crop`, `parse` and `split`, and the outcome of `train`, if any."""
        beside = {"crop": self.crops, "parse": self.parsing}
        paths = {stage: folder.with_name(f"{folder.name}.json") for stage, folder in beside.items()}
        found = {what: read_json(path) for what, path in paths.items()}
        found["split"] = read_json(self.split)
        found["training"] = read_json(self.model / "training.json") if self.model else None
        return found

    def digests(self) -> dict[str, str]:
        """SHA-256 of the network's weights and of the files made for this evaluation."""
        network = {"network": self.model / "network" / "model.safetensors"} if self.model else {}
        files = network | {"results": self.results / "sr.h5", "reference": self.reference}
        return {what: sha256_of(path) for what, path in files.items()}

    def records(self) -> list[dict]:
        """The parameters and versions recorded by the stages, in the order of the pipeline."""
        noted = (self.crops, self.parsing, self.pyramid, self.reference, self.results / "sr.h5")
        crops, parsing, pyramid, reference, made = (read_record(made_by(path)) for path in noted)
        trained = [self.trained()] if self.model else []
        return [crops, parsing, pyramid, reference, *trained, made]

    def trained(self) -> dict | None:
        """The record of the stage `train`, if there is a network."""
        return read_record(self.model / "network" / MADE_BY) if self.model else None


def read_faces(
    chosen: np.ndarray, names: list[str], psnr: FaceScore, places: Places, scale: int
) -> list[Face]:
    """Everything to show of the chosen faces (indices into `names`), in that order."""
    shard, found = places.results / "sr.h5", places.results / "points.h5"
    for path in (shard, found, places.reference):
        if list(read_shard(path, "name")["name"]) != names:
            raise ValueError(f"{path} and quality.csv have different faces; run `dvc repro`")
    methods = methods_of(shard)
    # One column at a time: all of them, for all faces, might not fit into memory.
    made = {key: read_shard(shard, key)[key][chosen] for key in ("lr", *methods)}
    absent = [None] * len(chosen)
    estimated = absent
    if "parsing" in columns_of(shard):
        estimated = read_shard(shard, "parsing")["parsing"][chosen]
    points = read_shard(places.reference, "points")["points"][chosen]
    moved = {method: points_of[chosen] for method, points_of in read_shard(found, *methods).items()}
    taken = [names[index] for index in chosen]
    hr = Shards(places.crops).take(taken, "hr")["hr"]
    pyramid, skin = Shards(places.pyramid), f"skin_x{scale}"
    true = classes = absent
    if skin in columns_of(pyramid.paths[0]):  # faces that are only evaluated have no maps
        true = pyramid.take(taken, skin)[skin]
        classes = Shards(places.parsing).take(taken, "classes")["classes"]
    return [
        Face(
            name=name,
            lr=made["lr"][row],
            bicubic=made["bicubic"][row],
            sr=made["sr"][row] if "sr" in made else None,
            hr=hr[row],
            estimated=estimated[row],
            true=true[row],
            classes=classes[row],
            points=points[row],
            bicubic_points=moved["bicubic"][row],
            sr_points=moved["sr"][row] if "sr" in moved else None,
            bicubic_psnr=float(psnr.bicubic[chosen[row]]),
            sr_psnr=float(psnr.network[chosen[row]]),
        )
        for row, name in enumerate(taken)
    ]
