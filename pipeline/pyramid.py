"""Stage `pyramid`: bicubic low-resolution faces and soft low-resolution skin maps at one scale."""

from dataclasses import dataclass
from pathlib import Path

import click

from pipeline.harness import parallel, scratch
from pipeline.harness.advance import resumed
from pipeline.harness.command import stage_command
from pipeline.harness.record import made_by, record_of, write_record
from pipeline.settings.inputs import PyramidInputs
from pipeline.settings.resolved import entry
from wnet.counted import counted
from wnet.data.resize import bicubic
from wnet.data.shards import DamagedShard, Shards, read_shard, write_index, write_shard


@dataclass(frozen=True)
class Block:
    """One shard of faces, the shard of their maps if any, and the path of the reduced ones."""

    faces: Path
    maps: Path | None
    scale: int
    shard: Path


@stage_command
@click.argument("name")
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("parsing", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(name: str, crops: Path, parsing: Path, out: Path) -> None:
    """Reduce the faces in CROPS and their skin maps in PARSING into shards in OUT.

    The kernel is bicubic, a = -0.5, antialiased; the scale is that of NAME. Faces that are only
    evaluated have no maps.
    """
    made_from = entry("pyramid", name, PyramidInputs)
    scale, record = made_from.inputs.scale, record_of(made_from, ("numpy", "opencv-python"))
    with scratch.workspace("pyramid", name, [crops, parsing], record) as work:
        maps = parsing if made_from.inputs.skin else None
        count = reduce_faces(crops, maps, scale, work / "out")
        scratch.publish(work / "out", out)
        write_record(made_by(out), record)
    click.echo(f"{out}: {counted(count, 'face')} reduced {scale} times")


def reduce_faces(crops: Path, parsing: Path | None, scale: int, out: Path) -> int:
    """Fill `out` with a shard of reduced faces for each shard of faces; returns their number."""
    out.mkdir(exist_ok=True)
    shards = Shards(crops)
    maps = [Shards(parsing)] if parsing else []
    for of_faces in maps:
        of_faces.check_made_from(shards)
    blocks = [
        Block(path, parsing / path.name if parsing else None, scale, out / path.name)
        for path in shards.paths
    ]
    parallel.map_blocks(reduce_block, blocks, shards.lengths, "pyramid")
    write_index(out, shards, *maps)
    return len(shards)


def reduce_block(block: Block) -> None:
    """Reduce one shard, unless done already."""
    if block.shard.exists():
        resumed()
        return
    faces = read_shard(block.faces, "name", "hr")
    side = faces["hr"].shape[1] // block.scale
    columns = {"name": faces["name"], f"lr_x{block.scale}": bicubic(faces["hr"], side, side)}
    if block.maps:
        maps = read_shard(block.maps, "name", "skin")
        if list(faces["name"]) != list(maps["name"]):
            raise DamagedShard(
                f"{block.maps}: its faces differ from those of {block.faces}; delete it"
            )
        # The network learns to estimate a soft map, since the paper reduces the map by bicubic.
        soft = bicubic(maps["skin"][..., None] * 255, side, side)[..., 0]
        columns[f"skin_x{block.scale}"] = soft
    write_shard(block.shard, columns)


if __name__ == "__main__":
    main()
