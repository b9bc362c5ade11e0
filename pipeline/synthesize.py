"""Stage `synthesize`: the embedded sample of drawn faces with exact landmarks and parsing."""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from PIL import Image

from drawn.photograph import SyntheticFace, render
from pipeline.harness import parallel, scratch
from pipeline.harness.advance import advance, resumed
from pipeline.harness.command import stage_command
from pipeline.harness.record import made_by, record_of, write_record
from pipeline.settings import sections
from pipeline.settings.inputs import SynthesizeInputs
from pipeline.settings.resolved import entry
from wnet.counted import counted
from wnet.data.shards import write_index, write_shard
from wnet.files.atomic import writing

FACES_PER_BLOCK = 32  # per task of a process; no face depends on it


@dataclass(frozen=True)
class Block:
    """Consecutive faces, by number."""

    numbers: range
    settings: sections.Synthesize
    out: Path


@stage_command
@click.argument("name")
@click.argument("out", type=click.Path(path_type=Path))
def main(name: str, out: Path) -> None:
    """Draw the photographs of the dataset NAME and their ground truth into OUT."""
    made_from = entry("synthesize", name, SynthesizeInputs)
    settings = made_from.inputs.synthesize
    record = record_of(made_from, ("numpy", "opencv-python", "pillow"))
    with scratch.workspace("synthesize", name, [], record) as work:
        synthesize(work / "out", settings)
        scratch.publish(work / "out", out)
        write_record(made_by(out), record)
    click.echo(f"{out}: {counted(settings.faces, 'face')} of {settings.resolution} pixels drawn")


def synthesize(out: Path, settings: sections.Synthesize) -> None:
    """Fill `out` with JPEG photographs, `truth/` (points and classes, in shards) and faces.csv."""
    (out / "truth").mkdir(parents=True, exist_ok=True)
    numbers = range(settings.seed, settings.seed + settings.faces)
    blocks = [Block(block, settings, out) for block in parallel.in_blocks(numbers, FACES_PER_BLOCK)]
    sizes = [len(block.numbers) for block in blocks]
    described = parallel.map_blocks(draw_block, blocks, sizes, "synthesize")
    rows = [row for block in described for row in block]
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    scratch.write_text(out / "faces.csv", file.getvalue())
    write_index(out / "truth")


def draw_block(block: Block) -> list[dict]:
    """Draw a block of faces, unless done already; returns the attributes of each."""
    names = [f"face_{number:06}.jpg" for number in block.numbers]
    note = block.out.parent / f"{names[0]}.json"
    if note.exists():
        resumed()
        return json.loads(note.read_text(encoding="utf-8"))
    faces = []
    for number in block.numbers:
        faces.append(render(number, number, block.settings.resolution))
        advance()
    for name, face in zip(names, faces, strict=True):
        with writing(block.out / name):
            Image.fromarray(face.image).save(block.out / name, quality=95, subsampling=0)
    truth = block.out / "truth" / f"{block.numbers.start:06}.h5"
    write_shard(truth, _truth(names, faces))
    rows = [{"name": n, **face.attributes} for n, face in zip(names, faces, strict=True)]
    scratch.write_text(note, json.dumps(rows))
    return rows


def _truth(names: list[str], faces: list[SyntheticFace]) -> dict[str, np.ndarray]:
    return {
        "name": np.array(names),
        "points": np.stack([face.points for face in faces]),
        "classes": np.stack([face.classes for face in faces]),
    }


if __name__ == "__main__":
    main()
