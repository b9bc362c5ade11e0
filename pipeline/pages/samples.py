"""The faces of one evaluation, paired by name from all the places where their data is."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.harness.record import MADE_BY, made_by, read_record
from pipeline.pages.face_scores import FaceScore
from pipeline.pages.scores import read_json
from pipeline.tables import METHODS
from wnet.data.shards import Shards, columns_of, read_shard
from wnet.figures.face_row import Face
from wnet.files.weights import sha256_of


@dataclass(frozen=True, kw_only=True)
class Places:
    """Folders of what the stages read and made; `reference` is a shard, `split` what was counted.

    What `crop` and `parse` counted is in JSON files beside their folders.
    """

    raw: Path
    crops: Path
    parsing: Path
    pyramid: Path
    reference: Path
    model: Path
    results: Path
    split: Path

    def counts(self) -> dict[str, dict]:
        """What `crop`, `parse` and `split` counted, and the outcome of `train`."""
        beside = {"crop": self.crops, "parse": self.parsing}
        paths = {stage: folder.with_name(f"{folder.name}.json") for stage, folder in beside.items()}
        paths |= {"training": self.model / "training.json", "split": self.split}
        return {what: read_json(path) for what, path in paths.items()}

    def digests(self) -> dict[str, str]:
        """SHA-256 of the network's weights and of what was made for this evaluation."""
        files = {
            "network": self.model / "network" / "model.safetensors",
            "results": self.results / "sr.h5",
            "reference": self.reference,
        }
        return {what: sha256_of(path) for what, path in files.items()}

    def records(self) -> list[dict]:
        """What the stages noted of their parameters and versions, in the order of the pipeline."""
        noted = (self.crops, self.parsing, self.pyramid, self.reference, self.results / "sr.h5")
        crops, parsing, pyramid, reference, made = (read_record(made_by(path)) for path in noted)
        return [crops, parsing, pyramid, reference, self.trained(), made]

    def trained(self) -> dict:
        """What the stage `train` noted."""
        return read_record(self.model / "network" / MADE_BY)


def take_faces(
    chosen: np.ndarray, names: list[str], psnr: FaceScore, places: Places, scale: int
) -> list[Face]:
    """All that is to be seen of the chosen faces (indices into `names`), in that order."""
    shard, found = places.results / "sr.h5", places.results / "points.h5"
    for path in (shard, found, places.reference):
        if list(read_shard(path, "name")["name"]) != names:
            raise ValueError(f"{path} and quality.csv have different faces; run `dvc repro`")
    # One column at a time: all of them, for all faces, may need more memory than there is.
    made = {key: read_shard(shard, key)[key][chosen] for key in ("lr", *METHODS)}
    estimated = [None] * len(chosen)
    if "parsing" in columns_of(shard):
        estimated = read_shard(shard, "parsing")["parsing"][chosen]
    points = read_shard(places.reference, "points")["points"][chosen]
    moved = {method: points_of[chosen] for method, points_of in read_shard(found, *METHODS).items()}
    taken = [names[index] for index in chosen]
    hr = Shards(places.crops).take(taken, "hr")["hr"]
    classes = Shards(places.parsing).take(taken, "classes")["classes"]
    true = Shards(places.pyramid).take(taken, f"skin_x{scale}")[f"skin_x{scale}"]
    return [
        Face(
            name=name,
            lr=made["lr"][row],
            bicubic=made["bicubic"][row],
            sr=made["sr"][row],
            hr=hr[row],
            estimated=estimated[row],
            true=true[row],
            classes=classes[row],
            points=points[row],
            bicubic_points=moved["bicubic"][row],
            sr_points=moved["sr"][row],
            bicubic_psnr=float(psnr.bicubic[chosen[row]]),
            sr_psnr=float(psnr.network[chosen[row]]),
        )
        for row, name in enumerate(taken)
    ]
