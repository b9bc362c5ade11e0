"""SPARNet: the published size, figures of other builds, what it learns."""

import pytest
import torch
from network_checks import (
    assert_all_learn,
    assert_faces_are_enlarged,
    assert_figures,
    assert_saved_and_loaded,
    assert_size,
    error_over_bicubic,
    published,
)
from order_free import order_free, wave

from wnet.networks.blocks import enlarge
from wnet.networks.sparnet.config import Config
from wnet.networks.sparnet.network import SPARNet

pytestmark = pytest.mark.usefixtures("one_thread")
LIGHT = {"blocks": 1, "attention": "3d"}


def small(scale: int) -> SPARNet:
    torch.manual_seed(1)
    return SPARNet(Config(width=4, blocks=1, attention="2d"), scale)


@pytest.mark.parametrize("scale", [4, 8])
@pytest.mark.parametrize(
    ("changes", "parameters", "operations"), [({}, 10_518_867, 14.26), (LIGHT, 5_242_211, 13.75)]
)
def test_it_has_the_published_size(scale, changes, parameters, operations):
    assert_size("sparnet", scale, parameters, operations, **changes)


@pytest.mark.parametrize(
    ("changes", "figures"),
    [
        ({}, (-0.119772094, 0.0574277563, -0.270903009, 0.0222694217)
         + (-0.24109738, -0.00696493991, -0.0855252052)),
        (LIGHT, (-0.0818880982, 0.0438014505, -0.177244202, -0.0106434446)
         + (-0.157580916, -0.0352351625, -0.0397670694)),
    ],
)  # fmt: skip
def test_it_is_the_function_of_other_builds(changes, figures):
    network = order_free(published("sparnet", 8, **changes))
    with torch.no_grad():
        assert_figures(network.body(wave(64)), figures)


def test_inside_images_are_enlarged_and_from_minus_1_to_1():
    network, lr = small(4).eval(), torch.rand(1, 3, 16, 16)
    with torch.no_grad():
        wanted = (network.body(enlarge(lr, 4) * 2 - 1) + 1) / 2
        torch.testing.assert_close(network(lr)["sr"], wanted)
        network.body = torch.nn.Identity()
        torch.testing.assert_close(network(lr)["sr"], enlarge(lr, 4))


@pytest.mark.parametrize("attention", ["2d", "3d"])
def test_everything_learns(attention):
    learning = order_free(SPARNet(Config(width=4, blocks=1, attention=attention), 4))
    assert_all_learn(learning, torch.rand(2, 3, 16, 16, dtype=torch.float64))


def test_faces_are_enlarged():
    assert_faces_are_enlarged(small)


@pytest.mark.parametrize("scale", [4, 8])
def test_a_saved_folder_gives_the_same_network(scale, tmp_path):
    assert_saved_and_loaded(small(scale), tmp_path / "network")


@pytest.mark.slow
def test_eight_faces_are_learnt_beyond_bicubic(drawn_faces):
    torch.manual_seed(1)
    network = SPARNet(Config(width=8, blocks=1, attention="2d"), 8)
    assert error_over_bicubic(network, drawn_faces, side=64, steps=100, rate=2e-3) < 0.8


@pytest.mark.parametrize(("scale", "lr_side"), [(4, 8), (8, 4), (4, 18), (2, 33)])
def test_faces_that_its_hourglasses_cannot_halve_are_refused(scale, lr_side):
    with pytest.raises(ValueError, match=f"HR side of {scale * lr_side} px .* 64, 96, 128"):
        small(4).config.check(scale, lr_side)


def test_it_starts_from_narrow_normal_values():
    network = published("sparnet", 4)
    convolution, norm = network.body[5].body[2][0], network.body[5].body[0]
    assert convolution.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert norm.weight.mean().item() == pytest.approx(1, abs=0.01)
    assert norm.weight.std().item() == pytest.approx(0.02, rel=0.4)
    assert not network.body[0].bias.any()
