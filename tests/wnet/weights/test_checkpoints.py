"""Loading of weights: no code is executed, and all weights must fit."""

import os
from collections import OrderedDict

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from wnet.weights.checkpoints import fill, part, read_state
from wnet.weights.conversions import convert


class Trap:
    """An object whose unpickling would run a command."""

    def __reduce__(self):
        return os.mkdir, ("trapped",)


class Callback:
    """An object of a class that may be missing where the file is read."""

    def __init__(self):
        self.best = [1, {"two": 3}]


class Settings(dict):
    """A dictionary of another class, as Lightning's hyperparameters are."""


def test_weights_are_read_from_torch_and_safetensors(tmp_path):
    state = {"a": torch.arange(6.0).view(2, 3), "b": torch.ones(1, dtype=torch.int64)}
    torch.save(OrderedDict(state), tmp_path / "new.pth")
    torch.save(state, tmp_path / "old.pth.tar", _use_new_zipfile_serialization=False)
    save_file(state, tmp_path / "s.safetensors")
    for name in ("new.pth", "old.pth.tar", "s.safetensors"):
        found = read_state(tmp_path / name)
        assert found.keys() == state.keys()
        assert all(torch.equal(found[key], state[key]) for key in state)


@pytest.mark.parametrize("content", [{"a": Trap()}, Trap(), [torch.ones(1)], {"a": 3}])
def test_anything_but_weights_is_refused_and_not_run(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    torch.save(content, "bad.pth")
    with pytest.raises(ValueError, match=r"^bad\.pth: not a"):
        read_state(tmp_path.joinpath("bad.pth").relative_to(tmp_path))
    assert not (tmp_path / "trapped").exists()


def test_a_cut_file_is_refused(tmp_path):
    torch.save({"a": torch.ones(1000)}, tmp_path / "whole.pth")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "whole.pth").read_bytes()[:2000])
    with pytest.raises(ValueError, match=r"cut\.pth: not a file of only weights"):
        read_state(tmp_path / "cut.pth")


def test_weights_fill_a_network_or_are_named(tmp_path):
    state = nn.Linear(2, 3).state_dict()
    network = fill(nn.Linear(2, 3).train(), state, tmp_path / "x.pth")
    assert not network.training
    assert torch.equal(network.weight, state["weight"])
    wrong = {"weight": torch.zeros(3, 3), "extra": torch.zeros(1)}
    message = (
        r"x\.pth: not the weights of Linear: bias is missing; extra is not known;"
        r" weight is \(3, 3\), not \(3, 2\)$"
    )
    with pytest.raises(ValueError, match=message):
        fill(nn.Linear(2, 3), wrong, tmp_path / "x.pth")
    with pytest.raises(ValueError, match=r"and 2 more$"):
        fill(
            nn.Linear(2, 3),
            {"a": wrong["extra"], "b": wrong["extra"], "c": wrong["extra"]},
            tmp_path,
        )


def test_a_part_is_known_by_its_prefix():
    state = {"features.0.weight": torch.ones(1), "classifier.0.weight": torch.zeros(1)}
    assert part(state, "features.") == {"0.weight": state["features.0.weight"]}


def test_a_lightning_checkpoint_gives_its_network_and_runs_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    weights = {f"model.body.{block}.weight": torch.arange(4.0) + block for block in range(8)}
    weights["model.steps"] = torch.tensor(7)
    content = {
        "state_dict": OrderedDict(weights, **{"head.kernel": torch.ones(9)}),
        "callbacks": {Callback: Callback()},
        "hyper_parameters": Settings(lr=0.1),
        "loops": [Trap(), torch.nn.Parameter(torch.ones(2))],
    }
    torch.save(content, "run.ckpt")
    with pytest.raises(ValueError, match="not a file of only weights"):
        read_state(tmp_path / "run.ckpt")
    convert(tmp_path / "run.ckpt", tmp_path / "a.safetensors")
    convert(tmp_path / "run.ckpt", tmp_path / "b.safetensors")
    assert not (tmp_path / "trapped").exists()
    found = load_file("a.safetensors")
    assert {f"model.{name}" for name in found} == weights.keys()
    assert torch.equal(found["body.5.weight"], weights["model.body.5.weight"])
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_a_checkpoint_without_a_network_is_refused(tmp_path):
    torch.save({"state_dict": {"head.kernel": torch.ones(1)}}, tmp_path / "head.ckpt")
    with pytest.raises(ValueError, match=r"head\.ckpt: no weights model\.\*"):
        convert(tmp_path / "head.ckpt", tmp_path / "x.safetensors")
    torch.save({"state_dict": {"model.a": torch.ones(1)}}, tmp_path / "other.ckpt")
    with pytest.raises(ValueError, match=r"other\.ckpt: not a checkpoint of AdaFace: 0 blocks"):
        convert(tmp_path / "other.ckpt", tmp_path / "x.safetensors")
    torch.save({}, tmp_path / "old.ckpt", _use_new_zipfile_serialization=False)
    with pytest.raises(ValueError, match=r"old\.ckpt: not a checkpoint of torch 1\.6"):
        convert(tmp_path / "old.ckpt", tmp_path / "x.safetensors")
    torch.jit.script(nn.Linear(1, 1)).save(tmp_path / "script.ckpt")
    with pytest.raises(ValueError, match=r"script\.ckpt: a TorchScript program"):
        convert(tmp_path / "script.ckpt", tmp_path / "x.safetensors")
    assert not (tmp_path / "x.safetensors").exists()
