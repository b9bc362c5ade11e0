"""The stage `reconstruct`: the network's output for each face, and bicubic interpolation."""

import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from pipeline import reconstruct
from pipeline.settings import params
from wnet.data.shards import read_shard, write_index, write_shard
from wnet.networks.saved import load
from wnet.networks.wnet.network import WNet


@pytest.fixture
def prepared(project, random, edit_params):
    edit_params({"runs.wnet-small.model.width": 8})
    config = params.load().runs["wnet-small"].model
    torch.manual_seed(3)
    network = WNet(config, 4).eval()
    with torch.no_grad():  # away from its start, which is plain bicubic
        for weights in network.parameters():
            weights.add_(0.02 * torch.randn_like(weights))
    network.save_pretrained(project / "network")
    lr = random.integers(0, 256, (40, 16, 16, 3), dtype=np.uint8)
    names = np.array([f"{number:02}" for number in range(40)])
    (project / "pyramid").mkdir()
    write_shard(project / "pyramid/00000.h5", {"name": names, "lr_x4": lr})
    write_index(project / "pyramid")
    (project / "split.json").write_text(
        json.dumps({"train": [], "validation": [], "test": names[::-1].tolist()})
    )
    return network, lr


def run():
    arguments = ["sample-x4", "network", "pyramid", "split.json", "out/sr.h5"]
    result = CliRunner().invoke(reconstruct.main, arguments)
    assert result.exit_code == 0, result.output


def test_every_test_face_is_enlarged_as_the_network_does_alone(project, prepared):
    network, lr = prepared
    run()
    out = read_shard(project / "out/sr.h5")
    assert list(out["name"]) == [f"{number:02}" for number in range(39, -1, -1)]
    for row in (0, 17, 39):
        face = lr[39 - row]
        with torch.no_grad():
            made = network(torch.from_numpy(face).permute(2, 0, 1)[None].float() / 255)
        expected = (made["sr"][0].clamp(0, 1) * 255).round().permute(1, 2, 0).numpy()
        assert np.abs(out["sr"][row] - expected).max() <= 1  # rounding of a batch and of one
        soft = (made["parsing"][0].clamp(0, 1).mean(0) * 255).round().numpy()
        assert np.abs(out["parsing"][row] - soft).max() <= 1
        large = Image.fromarray(face).resize((64, 64), Image.Resampling.BICUBIC)
        np.testing.assert_array_equal(out["bicubic"][row], large)
        np.testing.assert_array_equal(out["lr"][row], face)
    record = json.loads((project / "out/sr.made_by.json").read_text())
    assert record["parameters"] == {"scale": 4, "network": "wnet"}
    assert set(record["versions"]) == {"numpy", "torch"}


def test_a_second_run_gives_the_same_bytes(project, prepared):
    run()
    first = (project / "out/sr.h5").read_bytes()
    run()
    assert (project / "out/sr.h5").read_bytes() == first


def test_a_network_folder_comes_back_and_a_wrong_one_is_named(project, prepared):
    network, _ = prepared
    loaded = load(project / "network", "cpu")
    for key, value in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], value)
    config = json.loads((project / "network/config.json").read_text())
    config["config"]["width"] = 12
    (project / "network/config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"model\.safetensors: not the weights of config\.json"):
        load(project / "network", "cpu")


def test_its_record_says_what_the_network_costs(project, prepared):
    network, _ = prepared
    run()
    record = json.loads((project / "out/sr.made_by.json").read_text())
    assert record["network_weights"] == sum(weights.numel() for weights in network.parameters())
    # at least its last convolution, for every pixel of the face
    assert record["network_operations"] > 2 * 64 * 64 * 9 * 8 * 3
