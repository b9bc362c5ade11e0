"""Time per face and peak memory of the data stages for growing datasets.

The photographs are a thousand drawn ones and variants that differ from them in their first rows, so
that none is a copy. The landmarks are given to `crop`, since finding them takes the same time for
every photograph; parsing is by landmarks. Each stage runs in its own process. Its time is CPU time,
including the process that decodes; its peak memory is as reported by the system (resident,
including mapped files), without the process that decodes.

    python benchmarks/growth.py --counts 1000,10000,100000
"""

import io
import json
import multiprocessing
import os
import resource
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from crop_rates import MAX_PIXELS, Given, computing, draw
from interleaved import save
from PIL import Image

from pipeline import crop, crop_block, division, parse, pyramid
from pipeline.harness import environment, parallel
from pipeline.settings import params
from pipeline.settings.inputs import CropInputs, ParseInputs
from wnet.data.shards import Shards, read_shard, write_index, write_shard
from wnet.photographs.folder import find_photographs
from wnet.photographs.images import decode

DRAWN = 1000
SLOW = ("parse",)  # a hundred faces per second: measured up to --slow


@click.command()
@click.option("--counts", default="1000,10000,100000", show_default=True)
@click.option("--slow", default=10000, show_default=True, help="Largest count for `parse`.")
def main(counts: str, slow: int) -> None:
    """Run every data stage on each of COUNTS photographs."""
    os.environ["WNET_WORKERS"] = "1"
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = draw(folder / "drawn", DRAWN)
        click.echo(f"{'stage':10} {'faces':>7}  {'ms a face':>9}  peak MB")
        for count in map(int, counts.split(",")):
            place = folder / str(count)
            vary(folder / "drawn", place / "raw", count, known)
            for stage, work in STAGES.items():
                if stage in SLOW and count > slow:
                    in_process(empty_maps, place, known)  # for `pyramid`
                    continue
                seconds, peak = in_process(work, place, known)
                rows.append({"stage": stage, "faces": count, "seconds": seconds, "peak": peak})
                per_face = 1000 * seconds / count
                click.echo(f"{stage:10} {count:7,}  {per_face:9.3f}  {peak / 1e6:7.0f}")
            shutil.rmtree(place)
    for stage in STAGES:
        times = [row["seconds"] / row["faces"] for row in rows if row["stage"] == stage]
        click.echo(f"{stage}: from the first count to the last {times[-1] / times[0]:.2f} times")
    save("growth", rows)


def vary(drawn: Path, raw: Path, count: int, known: dict[bytes, np.ndarray]) -> None:
    """Write `count` photographs, the drawn ones first, and add their points to `known`."""
    raw.mkdir(parents=True)
    files = sorted(drawn.iterdir())
    for number in range(count):
        data = files[number % len(files)].read_bytes()
        if turn := number // len(files):
            image = decode(data, MAX_PIXELS)
            points, image = known[image[100].tobytes()], image.copy()
            image[:8] = image[:8] // 2 + turn  # 100 turns at most reach 255
            content = io.BytesIO()
            Image.fromarray(image).save(content, "JPEG", quality=90)
            data = content.getvalue()
            known[decode(data, MAX_PIXELS)[100].tobytes()] = points
        (raw / f"{number:06}.jpg").write_bytes(data)


def in_process(work: Callable, place: Path, known: dict) -> tuple[float, int]:
    """Run work in its own process: its CPU seconds, and the peak memory of the process."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_measured, args=(work, place, known, theirs))
    process.start()
    theirs.close()
    answer = mine.recv()
    process.join()
    return answer


def _measured(work: Callable, place: Path, known: dict, pipe) -> None:
    environment.keep_freed_memory(parallel.KEPT)
    begun = computing()
    work(place, known)
    seconds = computing() - begun
    pipe.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


def _recipe():
    """The recipe of CelebA with methods that need no weights."""
    recipe = params.load().recipes["celeba"]
    return recipe.model_copy(
        update={
            "crop": recipe.crop.model_copy(update={"landmarks": "dlib"}),
            "parse": recipe.parse.model_copy(update={"method": "landmarks"}),
        }
    )


def crop_stage(place: Path, known: dict) -> None:
    """`crop` with given landmarks."""
    crop_block.landmark_finder = lambda *_: Given(known)
    (place / "work").mkdir()
    crop.crop_photographs(
        "grown", place / "raw", place / "work/out", CropInputs(crop=_recipe().crop)
    )
    (place / "work/out").rename(place / "crop")


def parse_stage(place: Path, known: dict) -> None:
    """`parse` by landmarks."""
    parse.parse_faces(place / "crop", place / "parse", ParseInputs(parse=_recipe().parse))


def pyramid_stage(place: Path, known: dict) -> None:
    """`pyramid` at scale 8."""
    pyramid.reduce_faces(place / "crop", place / "parse", 8, place / "x8")


def empty_maps(place: Path, known: dict) -> None:
    """Write empty parsing maps, for numbers of faces for which `parse` is too slow."""
    (place / "parse").mkdir()
    for path in Shards(place / "crop").paths:
        names = read_shard(path, "name")["name"].astype(str)
        skin = np.zeros((len(names), 128, 128), np.uint8)
        write_shard(place / "parse" / path.name, {"name": names, "classes": skin, "skin": skin})
    write_index(place / "parse", Shards(place / "crop"))


def split_stage(place: Path, known: dict) -> None:
    """`split` by fractions."""
    rule = params.load().recipes["sample"].splits["fractions"]
    names = Shards(place / "crop").names.tolist()
    divided = division.divide(names, rule, lambda: find_photographs(place / "raw"), tuple)
    (place / "split.json").write_text(json.dumps(divided.subsets))


STAGES = {
    "crop": crop_stage,
    "parse": parse_stage,
    "pyramid": pyramid_stage,
    "split": split_stage,
}


if __name__ == "__main__":
    main()
