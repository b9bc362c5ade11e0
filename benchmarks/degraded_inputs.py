"""Two networks on degraded LR faces: each compared with bicubic, and the second with the first.

    python benchmarks/degraded_inputs.py FOLDER models/clean-x4/network models/degraded-x4/network

FOLDER holds square faces as photographs, or shards of `crop` (then --split names a split, whose
test faces are used). Each face is reduced as for training, and then left clean, only blurred, only
made noisy, only compressed, or all three, by the strengths of `degrade` in params.yaml, with its
share set to 1. PSNR is on Y by the protocol `dic`; 95 % intervals are over the faces.
"""

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import torch

from pipeline.commands.models import crop_of
from pipeline.settings import params
from wnet.data.degradation import drawn
from wnet.data.pixels import to_bytes, to_planes
from wnet.data.resize import bicubic
from wnet.data.settings import Degrade
from wnet.data.shards import Shards
from wnet.data.splits import read_split
from wnet.metrics.images import psnr
from wnet.metrics.paired import interval_of_mean
from wnet.metrics.settings import Intervals
from wnet.networks.network import upscale
from wnet.networks.saved import load
from wnet.photographs.decoder import decoder
from wnet.photographs.folder import find_photographs

INTERVALS = Intervals(seed=1, resamples=10_000)
OFF = {"blur": (0.0, 0.0), "noise": (0.0, 0.0), "jpeg": (100, 100)}
BATCH = 16


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("networks", nargs=2, type=click.Path(path_type=Path, exists=True))
@click.option("--split", type=click.Path(path_type=Path, exists=True))
def main(folder: Path, networks: tuple[Path, Path], split: Path | None) -> None:
    """Print a row for each kind of input."""
    first, second = (load(path, "cpu") for path in networks)
    side = crop_of(networks[0]).resolution
    hr = np.stack(list(faces(folder, side, split)))
    clean = bicubic(hr, side // first.scale, side // first.scale)
    whole = params.load().degrade.model_copy(update={"share": 1.0})
    print(f"{len(hr)} faces, {side // first.scale} to {side} px; {whole}")
    print(
        "| input | bicubic | first | second | first - bicubic | second - bicubic | second - first |"
    )
    print("|---|---|---|---|---|---|---|")
    for title, lr in inputs(clean, whole).items():
        made = {"bicubic": bicubic(lr, side, side)}
        made |= {"first": enlarged(first, lr), "second": enlarged(second, lr)}
        scores = {name: psnr(sr, hr, "dic", first.scale) for name, sr in made.items()}
        means = [f"{score.mean():.2f}" for score in scores.values()]
        pairs = (("first", "bicubic"), ("second", "bicubic"), ("second", "first"))
        gains = [difference(scores[one] - scores[other]) for one, other in pairs]
        print(f"| {' | '.join([title, *means, *gains])} |", flush=True)


def faces(folder: Path, side: int, split: Path | None) -> Iterator[np.ndarray]:
    """(R, R, 3) uint8 RGB."""
    if split:
        shards = Shards(folder)
        yield from shards.take(read_split(split)["test"], "hr")["hr"]
        return
    found = find_photographs(folder)
    for name in found.names:
        image = decoder(1 << 26).decode(found.read(name, 1 << 30))
        if image.shape[0] == image.shape[1] >= side:
            yield bicubic(image[None], side, side)[0]


def inputs(clean: np.ndarray, whole: Degrade) -> dict[str, np.ndarray]:
    """The LR faces by their degradation."""
    kinds = {"clean": None, "blurred": "blur", "noisy": "noise", "compressed": "jpeg"}
    made = {"clean": clean}
    for title, key in [*kinds.items()][1:]:
        how = whole.model_copy(update=OFF | {key: getattr(whole, key)})
        made[title] = np.stack([drawn(how, 1, row)(face) for row, face in enumerate(clean)])
    made["all three"] = np.stack([drawn(whole, 1, row)(face) for row, face in enumerate(clean)])
    return made


def enlarged(network: torch.nn.Module, lr: np.ndarray) -> np.ndarray:
    """The output of a network for LR faces, uint8."""
    parts = np.split(lr, range(BATCH, len(lr), BATCH))
    return np.concatenate([to_bytes(upscale(network, to_planes(part, "cpu"))[0]) for part in parts])


def difference(gains: np.ndarray) -> str:
    """The mean with its interval."""
    low, high = (end[0] for end in interval_of_mean(gains[None], INTERVALS))
    return f"{gains.mean():+.2f} ({low:+.2f} to {high:+.2f})"


if __name__ == "__main__":
    main()
