"""CPU time and peak memory of the data stages for growing datasets, and what CelebA would take.

The photographs are mixtures of drawn ones and random clouds, of 178 x 218 pixels as CelebA's
aligned ones; no two are copies or near copies. The landmarks are given to `crop`, since finding
them takes the same time for every photograph; parsing is by landmarks. Each stage runs in its own
process. Its time is CPU time, including the process that decodes; its peak memory is as reported by
the system (resident, including mapped files), without the process that decodes.

    python benchmarks/growth.py --counts 2000,20000
"""

import json
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import cv2
import numpy as np
from crop_rates import MAX_PIXELS, Given, computing, draw
from interleaved import save
from PIL import Image

from pipeline import crop, crop_block, division, parse, pyramid
from pipeline.harness import environment, parallel
from pipeline.near_copies import hashes_of
from pipeline.settings import params
from pipeline.settings.inputs import CropInputs, ParseInputs
from wnet.data import near_copies
from wnet.data.shards import Shards
from wnet.photographs.folder import find_photographs
from wnet.photographs.images import decode

DRAWN = 128
BITS, BLOCK = 7, 8  # of a drawn photograph's number, which is in the corner in blocks
CELEBA = 202_599
_STATUS = Path("/proc/self/status")
QUADRATIC = ("near copies",)  # every face is compared with every other


@click.command()
@click.option("--counts", default="2000,20000", show_default=True)
def main(counts: str) -> None:
    """Run every data stage on each of COUNTS photographs."""
    os.environ["WNET_WORKERS"] = "1"
    rows: list[dict] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        points = np.stack(list(draw(folder / "drawn", DRAWN).values()))
        click.echo(f"{'stage':12} {'faces':>7}  {'ms a face':>9}  peak MB")
        for count in map(int, counts.split(",")):
            place = folder / str(count)
            vary(folder / "drawn", place / "raw", count)
            for stage, work in STAGES.items():
                seconds, peak = in_process(work, place, points)
                rows.append({"stage": stage, "faces": count, "seconds": seconds, "peak": peak})
                per_face = 1000 * seconds / count
                click.echo(f"{stage:12} {count:7,}  {per_face:9.3f}  {peak / 1e6:7.0f}")
            shutil.rmtree(place)
    for stage in STAGES:
        fewer, more = (row for row in rows[-2 * len(STAGES) :] if row["stage"] == stage)
        click.echo(f"{stage}: {CELEBA:,} faces would take {expected(fewer, more) / 60:.1f} min")
    save("growth", rows)


def expected(fewer: dict, more: dict) -> float:
    """Expected seconds of a stage for CelebA, from the last two measured numbers of faces."""
    power = 2 if more["stage"] in QUADRATIC else 1
    low, high = fewer["faces"] ** power, more["faces"] ** power
    share = (CELEBA**power - high) / (high - low)
    return more["seconds"] + share * (more["seconds"] - fewer["seconds"])


def vary(drawn: Path, raw: Path, count: int) -> None:
    """Write `count` mixtures of drawn photographs and clouds, with the drawn one's number."""
    raw.mkdir(parents=True)
    random = np.random.default_rng(count)
    images = [decode(path.read_bytes(), MAX_PIXELS) for path in sorted(drawn.iterdir())]
    for number in range(count):
        image = images[number % DRAWN]
        grid = random.integers(0, 256, (19, 16, 3), np.uint8)
        clouds = cv2.resize(grid, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        image = cv2.addWeighted(image, 0.6, clouds, 0.4, 0)
        bits = number % DRAWN >> np.arange(BITS) & 1
        image[:BLOCK, : BITS * BLOCK] = np.repeat(255 * bits, BLOCK)[:, None]
        Image.fromarray(image).save(raw / f"{number:06}.jpg", "JPEG", quality=90)


class Numbered(Given):
    """A finder that knows the landmarks of the drawn photographs (N, 68, 2)."""

    def predict(self, images: Sequence[np.ndarray], boxes: Sequence[np.ndarray]) -> np.ndarray:
        half = BLOCK // 2
        bits = [image[half, half : BITS * BLOCK : BLOCK, 1] > 127 for image in images]
        return self._known[np.array(bits, bool).reshape(-1, BITS) @ (1 << np.arange(BITS))]


def in_process(work: Callable, *arguments) -> tuple[float, int]:
    """Call work in its own process: its CPU seconds, and the peak memory of the process."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_measured, args=(work, arguments, theirs))
    process.start()
    theirs.close()
    answer = mine.recv()
    process.join()
    return answer


def _measured(work: Callable, arguments: tuple, pipe) -> None:
    environment.keep_freed_memory(parallel.KEPT)
    begun = computing()
    work(*arguments)
    seconds = computing() - begun
    pipe.send((seconds, peak_memory()))


def peak_memory() -> int:
    """The most resident bytes of this process; ru_maxrss has those of its parent's too."""
    (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _recipe():
    """The recipe of CelebA with methods that need no weights."""
    recipe = params.load().recipes["celeba"]
    return recipe.model_copy(
        update={
            "crop": recipe.crop.model_copy(update={"landmarks": "dlib"}),
            "parse": recipe.parse.model_copy(update={"method": "landmarks"}),
        }
    )


def crop_stage(place: Path, points: np.ndarray) -> None:
    """`crop` with given landmarks."""
    crop_block.landmark_finder = lambda *_: Numbered(points)
    (place / "work").mkdir()
    crop.crop_photographs(
        "grown", place / "raw", place / "work/out", CropInputs(crop=_recipe().crop)
    )
    (place / "work/out").rename(place / "crop")


def parse_stage(place: Path, points: np.ndarray) -> None:
    """`parse` by landmarks."""
    parse.parse_faces(place / "crop", place / "parse", ParseInputs(parse=_recipe().parse))


def pyramid_stage(place: Path, points: np.ndarray) -> None:
    """`pyramid` at scale 8."""
    pyramid.reduce_faces(place / "crop", place / "parse", 8, place / "x8")


def split_stage(place: Path, points: np.ndarray) -> None:
    """`split` by fractions, without the search for near copies."""
    rule = params.load().recipes["sample"].splits["fractions"]
    shards = Shards(place / "crop")
    names = shards.names.tolist()
    np.save(place / "hashes.npy", hashes_of(shards))
    divided = division.divide(names, rule, lambda: find_photographs(place / "raw"), tuple)
    (place / "split.json").write_text(json.dumps(divided.subsets))


def near_copies_stage(place: Path, points: np.ndarray) -> None:
    """The two searches for near copies of `split`: among all faces, and across its sets."""
    hashes = np.load(place / "hashes.npy")
    division = json.loads((place / "split.json").read_text())
    subset_of = {name: subset for subset, names in division.items() for name in names}
    assert not list(near_copies.near_pairs(hashes, range(len(hashes))))
    assert not near_copies.across(sorted(subset_of), hashes, subset_of)


STAGES = {
    "crop": crop_stage,
    "parse": parse_stage,
    "pyramid": pyramid_stage,
    "split": split_stage,
    "near copies": near_copies_stage,
}


if __name__ == "__main__":
    main()
