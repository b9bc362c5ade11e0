"""CPU time and peak memory of finding millions of faces by name in one folder of shards.

The shards have 4,096 faces and no pixels. Each task opens the folder in a process of its own; its
peak memory is as reported by the system, less that of a process that does nothing.

    python benchmarks/shard_names.py --names 5000000
"""

import json
import tempfile
from pathlib import Path

import click
import numpy as np
from growth import in_process
from interleaved import save

from pipeline import division
from pipeline.settings import params
from wnet.data.shards import Shards, write_index, write_shard

PER_SHARD = 4096


@click.command()
@click.option("--names", default=5_000_000, show_default=True)
def main(names: int) -> None:
    """Find faces among NAMES names."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, names)
        _, nothing = in_process(do_nothing, folder)
        rows = []
        click.echo(f"{'task':28}  CPU s   MB")
        for task, work in TASKS.items():
            seconds, peak = in_process(work, folder)
            rows.append({"task": task, "names": names, "seconds": seconds, "peak": peak - nothing})
            click.echo(f"{task:28} {seconds:6.1f} {(peak - nothing) / 1e6:4.0f}")
        save("shard_names", rows)


def prepare(folder: Path, count: int) -> None:
    """Write the shards, and lists of wanted names beside them: in order, and some at random."""
    shards = folder / "shards"
    shards.mkdir()
    names = [f"{number // 1000:05}/{number:08}.jpg" for number in range(count)]
    for number, start in enumerate(range(0, count, PER_SHARD)):
        own = names[start : start + PER_SHARD]
        write_shard(shards / f"{number:05}.h5", {"name": np.array(own)})
    write_index(shards)
    picks = np.random.default_rng(1).permutation(count)[: count // 10]
    (folder / "some.json").write_text(json.dumps([names[pick] for pick in picks]))


def do_nothing(folder: Path) -> None:
    """A process with the same modules."""


def open_shards(folder: Path) -> None:
    """Open the folder, which verifies all names."""
    Shards(folder / "shards")


def find_some(folder: Path) -> None:
    """Find a tenth of the faces, in random order."""
    Shards(folder / "shards").places(json.loads((folder / "some.json").read_text()))


def find_all(folder: Path) -> None:
    """Find every face, as a training on all of them does."""
    shards = Shards(folder / "shards")
    shard, row = shards.places(shards.names.tolist())
    assert shard[-1] == len(shards.paths) - 1
    assert row[-1] == shards.lengths[-1] - 1


def divide(folder: Path) -> None:
    """Split all faces by fractions, without lists and near copies."""
    rule = params.load().recipes["sample"].splits["fractions"]
    names = Shards(folder / "shards").names.tolist()
    divided = division.divide(names, rule, tuple, tuple)
    assert sum(map(len, divided.subsets.values())) == len(names)


TASKS = {
    "open": open_shards,
    "open, find a tenth at random": find_some,
    "open, find all": find_all,
    "open, split": divide,
}


if __name__ == "__main__":
    main()
