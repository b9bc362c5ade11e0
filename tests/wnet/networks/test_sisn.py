"""SISN: the published size, figures of other builds, what it learns."""

import numpy as np
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

from wnet.networks.sisn.config import Config
from wnet.networks.sisn.network import SISN

pytestmark = pytest.mark.usefixtures("one_thread")


def small(scale: int) -> SISN:
    torch.manual_seed(1)
    return SISN(Config(width=8, groups=1, blocks=2), scale)


@pytest.mark.parametrize(
    ("scale", "parameters", "operations"), [(8, 8_304_451, 4.45), (4, 8_073_795, 12.61)]
)
def test_it_has_the_published_size_but_for_dead_weights_and_the_mean_colour(
    scale, parameters, operations
):
    assert_size("sisn", scale, parameters, operations)


@pytest.mark.parametrize(
    ("scale", "figures"),
    [
        (8, (-1137.7222, 21290.313, -110145.13, 95732.79, -793.71236, -57300.748, -487.36711)),
        (4, (-7104.3028, 34078.292, -143168.4, 104485.89, 6888.1648, 27417.125, -4372.6432)),
    ],
)
def test_it_is_the_function_of_other_builds(scale, figures):
    network = order_free(published("sisn", scale))
    with torch.no_grad():
        assert_figures(network.body(255 * wave(128 // scale)), figures, rtol=1e-7)


@pytest.mark.parametrize("scale", [4, 8])
def test_copies_of_the_lr_face_are_the_blocks_of_its_nearest_enlargement(scale):
    network, lr, seen = small(scale), torch.rand(1, 3, 4, 4), []
    network.body.head.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    network.eval()(lr)
    mean = np.array([0.4488, 0.4371, 0.4040])[:, None, None]
    large = 255 * (lr[0].numpy().repeat(scale, 1).repeat(scale, 2) - mean)
    blocks = [large[:, dy::scale, dx::scale] for dy in range(scale) for dx in range(scale)]
    np.testing.assert_allclose(seen[0][0].numpy(), np.concatenate(blocks), rtol=1e-4, atol=1e-4)


def test_inside_images_are_from_0_to_255():
    network, lr = small(4).eval(), torch.rand(1, 3, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(network(lr)["sr"], network.body(lr * 255) / 255)
        torch.nn.init.zeros_(network.body.tail[-1].weight)
        torch.nn.init.zeros_(network.body.tail[-1].bias)
        mean = torch.tensor([0.4488, 0.4371, 0.4040])[None, :, None, None]
        torch.testing.assert_close(network(lr)["sr"], mean.expand(1, 3, 64, 64))


def test_everything_learns():
    learning = order_free(small(4))
    assert_all_learn(learning, torch.rand(2, 3, 16, 16, dtype=torch.float64))


def test_one_face_at_a_time_cannot_train_it():
    with pytest.raises(ValueError, match=r"set train\.batch to 2"):
        small(4).train()(torch.rand(1, 3, 16, 16))


def test_faces_are_enlarged():
    assert_faces_are_enlarged(small)


@pytest.mark.parametrize("scale", [4, 8])
def test_a_saved_folder_gives_the_same_network(scale, tmp_path):
    assert_saved_and_loaded(small(scale), tmp_path / "network")


def test_eight_faces_are_learnt_beyond_bicubic(drawn_faces):
    torch.manual_seed(1)
    network = SISN(Config(width=16, groups=1, blocks=2), 8)
    assert error_over_bicubic(network, drawn_faces, side=32, steps=120, rate=1e-2) < 0.7
