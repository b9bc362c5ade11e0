"""Stage `reconstruct`: every test face, enlarged by bicubic interpolation and by the network."""

from pathlib import Path

import click
import numpy as np

from pipeline.harness import environment
from pipeline.harness.command import stage_command
from pipeline.harness.parallel import in_blocks, progress
from pipeline.harness.record import made_by, record_of, write_record
from pipeline.settings.inputs import ReconstructInputs
from pipeline.settings.resolved import entry
from wnet.counted import counted
from wnet.data.pixels import to_bytes, to_planes
from wnet.data.resize import bicubic
from wnet.data.shards import Shards, write_shard
from wnet.data.splits import read_split
from wnet.networks.network import Network, upscale
from wnet.networks.operations import operations_a_face
from wnet.networks.saved import load

LIBRARIES = ("numpy", "torch")
FACES_PER_BATCH = 32  # bounds the memory and has no other effect


@stage_command
@click.argument("name")
@click.argument("network", type=click.Path(path_type=Path))
@click.argument("pyramid", type=click.Path(path_type=Path))
@click.argument("split", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(name: str, network: Path, pyramid: Path, split: Path, out: Path) -> None:
    """Enlarge the test faces of SPLIT with NETWORK, if NAME has one, into the shard OUT."""
    made_from = entry("reconstruct", name, ReconstructInputs)
    scale = made_from.inputs.scale
    names = read_split(split)["test"]
    key = f"lr_x{scale}"
    loaded = load(network, environment.device()) if made_from.inputs.network else None
    lr = Shards(pyramid).take(names, key)[key]
    columns = reconstruct(lr, scale, loaded)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_shard(out, {"name": np.array(names), **columns})
    write_record(made_by(out), record_of(made_from, LIBRARIES) | _costs(loaded, lr.shape[1]))
    click.echo(f"{out}: {counted(len(names), 'face')} enlarged {scale} times")


def reconstruct(lr: np.ndarray, scale: int, network: Network | None) -> dict[str, np.ndarray]:
    """Enlarge (N, r, r, 3) faces: `sr` and `bicubic` (N, R, R, 3), `parsing` (N, r, r), uint8.

    `sr` is missing without a network, and `parsing` if it estimates no map.
    """
    side = lr.shape[1] * scale
    interpolated = {"lr": lr, "bicubic": bicubic(lr, side, side)}
    return interpolated | (_by_network(lr, network) if network else {})


def _by_network(lr: np.ndarray, network: Network) -> dict[str, np.ndarray]:
    enlarged, maps = [], []
    with progress("reconstruct", len(lr)) as bar:
        for block in in_blocks(lr, FACES_PER_BATCH):
            sr, parsing = upscale(network, to_planes(block, environment.device()))
            enlarged.append(to_bytes(sr))
            if parsing is not None:
                maps.append(to_bytes(parsing.mean(dim=1)))
            bar.update(len(block))
    columns = {"sr": np.concatenate(enlarged)}
    if maps:
        columns["parsing"] = np.concatenate(maps)
    return columns


def _costs(network: Network | None, side: int) -> dict[str, int]:
    """The number of weights, and of operations per face of this LR side; empty without a
    network."""
    if network is None:
        return {}
    return {
        "network_weights": sum(weights.numel() for weights in network.parameters()),
        "network_operations": operations_a_face(network, side),
    }


if __name__ == "__main__":
    main()
