"""Reading faces from shards, compared with a raw memory map of the same bytes.

It reads one face, a batch of 64, and the whole set into memory, verified by checksum. What is read
is dropped at once, as in a training, so that its memory is reused: a program that keeps all batches
waits several times as long for the system to clear new memory, whatever it reads from. `np.take`
from one array into one buffer is the upper limit for reading batches.

    python benchmarks/shard_reads.py --faces 18000
"""

import tempfile
import tracemalloc
from collections import deque
from pathlib import Path

import click
import numpy as np
from interleaved import rates, report, save

from wnet.data.faces_in_shards import FacesInShards
from wnet.data.shards import Shards, write_index, write_shard

BATCH, READS, PER_SHARD = 64, 4096, 4096
read = deque(maxlen=0).extend  # exhausts an iterator and drops its items


@click.command()
@click.option("--faces", default=18000, show_default=True, help="Of 128 x 128 pixels.")
@click.option("--rounds", default=7, show_default=True)
def main(faces: int, rounds: int) -> None:
    """Read FACES faces in every way that the pipeline does."""
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        shards, raw = prepare(Path(folder), faces, random)
        maps = shards.mapped("hr")
        picks = random.permutation(faces)[:READS]
        batches = picks.reshape(-1, BATCH)
        place = dict(enumerate(zip(*shards.places(shards.names.tolist()), strict=True)))
        column = FacesInShards(shards.names.tolist(), [(shards, "hr")] * 4, "cpu")._mapped[0]
        assert all(np.array_equal(maps[s][r], raw[i]) for i, (s, r) in list(place.items())[:500])
        assert np.array_equal(column.take(batches[0]), raw[batches[0]])

        held, buffer = np.asarray(raw), np.empty((BATCH, *raw.shape[1:]), np.uint8)
        places = [place[pick] for pick in picks.tolist()]
        one = {
            "memmap": lambda: read(raw[pick].copy() for pick in picks.tolist()),
            "shard": lambda: read(maps[shard][row].copy() for shard, row in places),
        }
        many = {
            "memmap[batch]": lambda: read(raw[batch] for batch in batches),
            "shards": lambda: read(column.take(batch) for batch in batches),
            "np.take": lambda: read(
                np.take(held, batch, axis=0, out=buffer, mode="clip") for batch in batches
            ),
        }
        names = shards.names.tolist()
        whole = {
            "memmap copy": lambda: np.array(raw),
            "shards, verified": lambda: shards.take(names, "hr"),
        }
        tables = [
            report("one random face", rates(one, READS, rounds), {("shard", "memmap"): 0.9}),
            report(
                "64 random faces", rates(many, READS, rounds), {("shards", "memmap[batch]"): 5.0}
            ),
            report(
                "the whole set into memory",
                rates(whole, faces, max(2, rounds // 2)),
                {("shards, verified", "memmap copy"): 0.4},
            ),
        ]
        tracemalloc.start()
        shards.take(names, "hr")
        peak = tracemalloc.get_traced_memory()[1] / raw.nbytes
        click.echo(f"the whole set takes {peak:.3f} of its size in memory at most, goal 1.1")
        save("shard_reads", tables)


def prepare(folder: Path, faces: int, random: np.random.Generator) -> tuple[Shards, np.ndarray]:
    """Write the same random faces as shards and as one raw file, which is mapped."""
    raw = np.memmap(folder / "raw", np.uint8, "w+", shape=(faces, 128, 128, 3))
    (folder / "shards").mkdir()
    for number, start in enumerate(range(0, faces, PER_SHARD)):
        part = raw[start : start + PER_SHARD]
        part[:] = random.integers(0, 256, part.shape, np.uint8)
        names = np.array([f"{start + row:06}.jpg" for row in range(len(part))])
        write_shard(folder / f"shards/{number:05}.h5", {"name": names, "hr": part})
    write_index(folder / "shards")
    raw.flush()
    return Shards(folder / "shards"), np.memmap(folder / "raw", np.uint8, "r", shape=raw.shape)


if __name__ == "__main__":
    main()
