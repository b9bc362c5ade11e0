"""The share of each term in W-Net's loss, on prepared faces, at the start and end of a training.

At the start, a network with the bicubic residual equals bicubic interpolation. VGG-16's last
convolution is used in place of VGG-19's, because its trunk, which LPIPS also uses, is a smaller
download.

    python benchmarks/loss_shares.py sample-x4 --vgg16 weights/vgg16_trunk.safetensors
"""

from pathlib import Path

import click
import numpy as np
import torch
from learning_rates import faces_of

from pipeline.settings import params
from wnet.data.batches import Faces
from wnet.networks.blocks import enlarge
from wnet.networks.saved import load
from wnet.networks.wnet.objective import WNetObjective
from wnet.training.vgg import VGGFeatures

CONV5_3 = 29
"""Layers of torchvision's VGG-16 `features` up to conv5_3, before its ReLU."""


@click.command()
@click.argument("training")
@click.option("--vgg16", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--weights", default="0.1:0.1,1:0.0003", show_default=True)
def main(training: str, vgg16: Path, weights: str) -> None:
    """Print the terms of W-Net's loss on the validation faces of TRAINING, and each one's share.

    WEIGHTS are pairs of `key_regions` and `perceptual`.
    """
    everything = params.load()
    item = everything.trainings[training]
    _, validation = faces_of(item)
    features = VGGFeatures(16, CONV5_3).load(vgg16).eval()
    networks = {"bicubic": None, training: load(Path("models", training, "network"), "cpu")}
    click.echo("faces made by         key_regions  perceptual    pixel  parsing  regions  features")
    for made_by, network in networks.items():
        for pair in weights.split(","):
            key_regions, perceptual = map(float, pair.split(":"))
            own = {"key_regions": key_regions, "perceptual": perceptual}
            loss = everything.runs["wnet"].loss.model_copy(update=own)
            shares = shares_of(WNetObjective(loss, features), network, validation, item.scale)
            row = "".join(f"{share:9.2%}" for share in shares)
            click.echo(f"{made_by:24}{key_regions:9g}{perceptual:12g}{row}")


@torch.no_grad()
def shares_of(
    objective: WNetObjective, network: torch.nn.Module | None, faces: Faces, scale: int
) -> list[float]:
    """The shares of the whole loss: pixels, parsing, and the key regions' pixels and features."""
    sums: dict[str, list[float]] = {}
    for batch in faces.batches(8):
        if network is None:
            made = {"sr": enlarge(batch.lr, scale), "parsing": batch.skin_lr}
        else:
            made = network.train()(batch.lr)
        for name, term in objective.terms(made, batch).items():
            sums.setdefault(name, []).append(float(term))
    shares = objective.shares({name: float(np.mean(each)) for name, each in sums.items()})
    return [shares[name] for name in ("pixel", "parsing", "key_regions", "perceptual")]


if __name__ == "__main__":
    main()
