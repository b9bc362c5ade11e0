"""The faces of a training: on the device if they fit, else streamed from their shards."""

from dataclasses import dataclass
from pathlib import Path

import click

from pipeline.harness import environment
from wnet.counted import counted
from wnet.data.batches import Faces
from wnet.data.faces_in_shards import FacesInShards
from wnet.data.faces_on_device import FacesOnDevice
from wnet.data.shards import Shards
from wnet.data.splits import read_split

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class TrainingSet:
    """The folders of crops, parsing and pyramid of a split; faces are paired by name."""

    crops: Path
    parsing: Path
    pyramid: Path
    split: Path
    scale: int

    def names(self, subset: str) -> list[str]:
        """The names of the faces of a subset, in order."""
        return read_split(self.split)[subset]

    def faces(self, subset: str, device: str) -> Faces:
        """The faces of `train` or `validation`; a line on stderr says where they are.

        Raises ValueError if there are none.
        """
        names = self.names(subset)
        if not names:
            raise ValueError(f"{self.split}: no faces for {subset}, which training needs")
        crops, parsing, pyramid = map(Shards, (self.crops, self.parsing, self.pyramid))
        parsing.check_made_from(crops)
        pyramid.check_made_from(crops, parsing)
        columns = [
            (pyramid, f"lr_x{self.scale}"),
            (crops, "hr"),
            (pyramid, f"skin_x{self.scale}"),
            (parsing, "classes"),
            (crops, "points"),
        ]
        needed = len(names) * sum(shards.bytes_per_face(key) for shards, key in columns)
        allowed = environment.memory(device)
        if needed <= allowed:
            place = f"held on {device}"
            arrays = (shards.take(names, key)[key] for shards, key in columns)
            faces = FacesOnDevice(*arrays, device)
        else:
            place = f"streamed from their shards to {device}"
            faces = FacesInShards(names, columns, device)
        click.echo(
            f"{subset}: {counted(len(names), 'face')}, {needed // MEGABYTE} MB, {place},"
            f" where {allowed // MEGABYTE} MB may be taken",
            err=True,
        )
        return faces
