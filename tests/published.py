"""What holds of every network that is built after a publication."""

from pathlib import Path

import pytest
import torch
from order_free import figures
from ruamel.yaml import YAML
from small_project import ROOT
from torch import Tensor, nn

from wnet.networks.by_name import config_of
from wnet.networks.network import Network
from wnet.networks.saved import load


def published(name: str):
    """The settings of the run of params.yaml that is called like its network."""
    model = YAML(typ="safe").load(ROOT / "params.yaml")["runs"][name]["model"]
    assert model.pop("network") == name
    return config_of(name)(**model)


def assert_figures(output: Tensor, wanted: str) -> None:
    """`wanted`: mean, deviation, min, max and three pixels, as the specification's table has."""
    assert figures(output.detach()) == pytest.approx([float(x) for x in wanted.split()], rel=1e-6)


def assert_all_learn(network: nn.Module, *inputs: Tensor) -> None:
    """Gradients of what the network makes in train mode reach every weight.

    BatchNorm uses its running statistics here: those of the batch undo a bias before them.
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
        if weights.grad is None or not weights.grad.abs().max() > 0
    ]
    assert not idle, idle


def assert_kept(network: Network, lr: Tensor, folder: Path) -> None:
    """A saved network, loaded again, makes the same of the same faces to the bit."""
    network.eval().save_pretrained(folder)
    made, again = network(lr), load(folder, "cpu")(lr)
    assert made.keys() == again.keys() == {"sr"}
    assert torch.equal(made["sr"], again["sr"])


def assert_enlarges(network: Network, lr: Tensor) -> None:
    """SR faces, and nothing else, at the network's scale."""
    with torch.no_grad():
        made = network.eval()(lr)
    assert made.keys() == {"sr"}
    assert made["sr"].shape == (len(lr), 3, *(network.scale * side for side in lr.shape[2:]))
