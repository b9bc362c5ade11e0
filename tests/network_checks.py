"""Assertions for every network that reimplements a publication."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from order_free import figures
from ruamel.yaml import YAML
from small_project import ROOT
from torch import Tensor, nn

from wnet.data.resize import bicubic
from wnet.networks import by_name
from wnet.networks.architecture import Architecture
from wnet.networks.network import Network
from wnet.networks.operations import operations_a_face
from wnet.networks.saved import load


def published_settings(name: str, **changes) -> Architecture:
    """The settings of the run of params.yaml with the network's name, with changes."""
    model = YAML(typ="safe").load(ROOT / "params.yaml")["runs"][name]["model"]
    assert model.pop("network") == name
    return by_name.config_of(name)(**model | changes)


def published(name: str, scale: int, **changes) -> Network:
    """The network of those settings."""
    config = published_settings(name, **changes)
    config.check(scale, 128 // scale)
    return by_name.build(name, config, scale)


def count(network: nn.Module) -> int:
    """The number of trained parameters."""
    return sum(weights.numel() for weights in network.parameters() if weights.requires_grad)


def assert_size(name: str, scale: int, parameters: int, operations: float, **changes) -> None:
    """Check the exact number of parameters, and 10^9 operations for a 128 px face within 1 %."""
    with torch.device("meta"):
        network = published(name, scale, **changes)
    assert count(network) == parameters
    done = operations_a_face(network.eval(), 128 // scale)
    assert done / 1e9 == pytest.approx(operations, rel=0.01)


def assert_figures(found: Tensor, wanted: str | tuple[float, ...], rtol: float = 1e-8) -> None:
    """Check mean, deviation, extremes and three pixels of maps (1, C, H, W) against a table."""
    if isinstance(wanted, str):
        wanted = tuple(map(float, wanted.split()))
    np.testing.assert_allclose(figures(found.detach()), wanted, rtol=rtol)


def assert_all_learn(network: nn.Module, *inputs: Tensor) -> None:
    """Check that gradients of the outputs in train mode reach every weight.

    BatchNorm uses its running statistics here: those of the batch would cancel a bias before them.
    """
    for module in network.train().modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
    made = network(*inputs)
    outputs = made.values() if isinstance(made, dict) else [made]
    torch.stack([output.square().mean() for output in outputs]).sum().backward()
    idle = [
        name
        for name, weights in network.named_parameters()
        if weights.grad is None or not 0 < weights.grad.abs().max() < torch.inf
    ]
    assert not idle, idle


@torch.no_grad()
def assert_enlarges(network: Network, lr: Tensor) -> None:
    """SR faces, and nothing else, at the network's scale."""
    made = network.eval()(lr)
    assert made.keys() == {"sr"}
    assert made["sr"].shape == (len(lr), 3, *(network.scale * side for side in lr.shape[2:]))
    assert made["sr"].isfinite().all()


def assert_faces_are_enlarged(build: Callable[[int], Network]) -> None:
    """Check scales 4 and 8, from 16 and from 32 pixels; `build` makes the network of a scale."""
    for scale in (4, 8):
        network = build(scale)
        for side in (16, 32):
            assert_enlarges(network, torch.rand(2, 3, side, side))


@torch.no_grad()
def assert_saved_and_loaded(network: Network, folder: Path) -> None:
    """A saved folder gives the same settings and the same output."""
    lr = torch.rand(2, 3, 64 // network.scale, 64 // network.scale)
    network.train()(lr)  # so that averages of a BatchNorm are not those of a fresh network
    network.eval().save_pretrained(folder)
    loaded = load(folder, "cpu")
    assert type(loaded) is type(network)
    assert (loaded.config, loaded.scale) == (network.config, network.scale)
    assert torch.equal(loaded(lr)["sr"], network(lr)["sr"])


def error_over_bicubic(network: Network, drawn_faces, side: int, steps: int, rate: float) -> float:
    """Mean squared error on eight faces of that HR side after training on them, divided by
    bicubic's.

    The training uses L1 and Adam, with a rate that falls to 0 by a cosine; the error is that of the
    network in eval mode, clipped.
    """
    large = np.stack([face.image for face in drawn_faces])
    hr = bicubic(large[:, 32:224, 32:224], side, side)
    small = bicubic(hr, side // network.scale, side // network.scale)
    target, lr, enlarged = (
        torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
        for images in (hr, small, bicubic(small, side, side))
    )
    optimizer = torch.optim.Adam(network.train().parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        F.l1_loss(network(lr)["sr"], target).backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        made = network.eval()(lr)["sr"].clamp(0, 1)
    return (F.mse_loss(made, target) / F.mse_loss(enlarged, target)).item()
