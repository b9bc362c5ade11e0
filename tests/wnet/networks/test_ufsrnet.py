"""UFSRNet: the published size, figures of other builds, what it learns."""

import pytest
import torch
from network_checks import (
    assert_all_learn,
    assert_faces_are_enlarged,
    assert_figures,
    assert_saved_and_loaded,
    assert_size,
    count,
    error_over_bicubic,
    published,
)
from order_free import order_free, wave

from wnet.networks.blocks import enlarge
from wnet.networks.ufsrnet.block import Block
from wnet.networks.ufsrnet.config import Config
from wnet.networks.ufsrnet.network import UFSRNet

pytestmark = pytest.mark.usefixtures("one_thread")


def small(scale: int) -> UFSRNet:
    torch.manual_seed(1)
    return UFSRNet(Config(width=4), scale)


@pytest.mark.parametrize("scale", [4, 8])
def test_it_has_the_published_size(scale):
    assert_size("ufsrnet", scale, 3_490_406, 7.29)


def test_its_blocks_have_none_of_the_published_dead_weights():
    assert (count(Block(128)), count(Block(64))) == (725_888, 182_720)


def test_it_is_the_function_of_other_builds():
    network = order_free(published("ufsrnet", 8))
    figures = (0.633026755, 0.336527779, -0.0950945908, 1.72190702)
    with torch.no_grad():
        assert_figures(network.body(wave(64)), (*figures, 0.852159013, 0.396029978, 0.177602952))


def test_inside_images_are_enlarged_and_from_minus_1_to_1():
    network, lr = small(4).eval(), torch.rand(1, 3, 16, 16)
    with torch.no_grad():
        wanted = (network.body(enlarge(lr, 4) * 2 - 1) + 1) / 2
        torch.testing.assert_close(network(lr)["sr"], wanted)


@pytest.mark.parametrize(("bias", "correction"), [(1.0, 1.0), (-1.0, -0.2)])
def test_corrections_to_the_dark_have_a_fifth_of_the_slope(bias, correction):
    network, lr = small(4), torch.rand(1, 3, 16, 16)
    torch.nn.init.zeros_(network.body.tail[0].weight)
    torch.nn.init.constant_(network.body.tail[0].bias, bias)
    wanted = enlarge(lr, 4) + torch.tensor(correction).tanh() / 2
    torch.testing.assert_close(network(lr)["sr"], wanted)


def test_everything_learns():
    learning = order_free(small(4))
    assert_all_learn(learning, torch.rand(2, 3, 16, 16, dtype=torch.float64))


def test_attention_starts_without_effect():
    block = Block(8)
    first = block(lr := torch.rand(1, 8, 4, 4))
    torch.nn.init.normal_(block.attention.project.weight)
    assert torch.equal(block(lr), first)


def test_faces_are_enlarged():
    assert_faces_are_enlarged(small)


@pytest.mark.parametrize("scale", [4, 8])
def test_a_saved_folder_gives_the_same_network(scale, tmp_path):
    assert_saved_and_loaded(small(scale), tmp_path / "network")


@pytest.mark.slow
def test_eight_faces_are_learnt_beyond_bicubic(drawn_faces):
    torch.manual_seed(1)
    network = UFSRNet(Config(width=8), 8)
    assert error_over_bicubic(network, drawn_faces, side=32, steps=150, rate=1e-2) < 0.8


def test_faces_that_cannot_be_halved_three_times_are_refused():
    with pytest.raises(ValueError, match=r"HR side of 60 px .* multiples of 8 px"):
        small(4).config.check(4, 15)


def test_convolutions_start_from_narrow_normal_values():
    network = published("ufsrnet", 4)
    assert network.body.to_quarter[0].mix.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert not network.body.head.bias.any()
