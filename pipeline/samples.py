"""The faces of one evaluation, paired by name from all the places where their data lies."""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.tables import METHODS
from wnet.data.shards import Shards, columns_of, made_by, read_shard
from wnet.figures.face_row import Face

TABLES = ("quality", "landmarks", "identity")


@dataclass(frozen=True, kw_only=True)
class Places:
    """Folders of what the stages made; `reference` is a shard."""

    crops: Path
    parsing: Path
    pyramid: Path
    reference: Path
    model: Path
    results: Path

    def records(self) -> list[dict]:
        """What the stages noted of their parameters and versions, in the order of the pipeline."""
        shards = [Shards(folder).paths[0] for folder in (self.crops, self.parsing, self.pyramid)]
        config = (self.model / "network" / "config.json").read_text(encoding="utf-8")
        trained = json.loads(config)["made_by"]
        reconstructed = made_by(self.results / "sr.h5")
        return [*map(made_by, [*shards, self.reference]), trained, reconstructed]


@dataclass(frozen=True, kw_only=True)
class Psnr:
    """PSNR of every test face by one protocol, dB: names, bicubic and sr are (N,)."""

    names: list[str]
    bicubic: np.ndarray
    sr: np.ndarray

    @property
    def gain(self) -> np.ndarray:
        """(N,) of the network over bicubic; NaN for a face that equals its original both times."""
        with np.errstate(invalid="ignore"):
            return self.sr - self.bicubic


def read_psnr(results: Path, protocol: str) -> Psnr:
    """From the table of quality.csv."""
    head, *rows = _rows(results / "quality.csv")
    places = [head.index(f"{method}_{protocol}_psnr") for method in METHODS]
    bicubic, sr = (np.array([float(row[place]) for row in rows]) for place in places)
    return Psnr(names=[row[0] for row in rows], bicubic=bicubic, sr=sr)


def take_faces(chosen: np.ndarray, psnr: Psnr, places: Places, scale: int) -> list[Face]:
    """All that is to be seen of the chosen faces (indices into `psnr`), in that order."""
    shard = places.results / "sr.h5"
    for path in (shard, places.reference):
        if list(read_shard(path, "name")["name"]) != psnr.names:
            raise ValueError(f"{path} and quality.csv hold different faces; run `dvc repro`")
    # One column at a time: all of them, for all faces, may need more memory than there is.
    made = {key: read_shard(shard, key)[key][chosen] for key in ("lr", "bicubic", "sr")}
    estimated = [None] * len(chosen)
    if "parsing" in columns_of(shard):
        estimated = read_shard(shard, "parsing")["parsing"][chosen]
    points = read_shard(places.reference, "points")["points"][chosen]
    names = [psnr.names[index] for index in chosen]
    hr = Shards(places.crops).take(names, "hr")["hr"]
    true = Shards(places.pyramid).take(names, f"skin_x{scale}")[f"skin_x{scale}"]
    return [
        Face(
            name=name,
            lr=made["lr"][row],
            bicubic=made["bicubic"][row],
            sr=made["sr"][row],
            hr=hr[row],
            estimated=estimated[row],
            true=true[row],
            points=points[row],
            bicubic_psnr=float(psnr.bicubic[chosen[row]]),
            sr_psnr=float(psnr.sr[chosen[row]]),
        )
        for row, name in enumerate(names)
    ]


def merged_tables(results: Path) -> str:
    """Every score of every face as one CSV, each cell as the scoring stage wrote it."""
    tables = [_rows(results / f"{table}.csv") for table in TABLES]
    if len({tuple(row[0] for row in rows) for rows in tables}) > 1:
        raise ValueError(f"the tables in {results} hold different faces; run `dvc repro`")
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    for parts in zip(*tables, strict=True):
        writer.writerow([parts[0][0], *(cell for part in parts for cell in part[1:])])
    return file.getvalue()


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
