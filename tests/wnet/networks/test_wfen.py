"""WFEN: the published size, figures of other builds, what it learns."""

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
from wnet.networks.wfen.config import Config
from wnet.networks.wfen.network import WFEN
from wnet.networks.wfen.transformer import WindowAttention

pytestmark = pytest.mark.usefixtures("one_thread")


def small(scale: int) -> WFEN:
    torch.manual_seed(1)
    return WFEN(Config(width=8, blocks=2), scale)


@pytest.mark.parametrize("scale", [4, 8])
def test_it_has_the_published_size(scale):
    assert_size("wfen", scale, 6_780_519, 16.18)


def test_it_is_the_function_of_other_builds():
    network = order_free(published("wfen", 8))
    figures = (0.135314817, 0.271443274, -0.637576294, 0.971409752)
    with torch.no_grad():
        assert_figures(network.body(wave(64)), (*figures, 0.154898512, 0.398579936, 0.0689717302))


def test_inside_images_are_enlarged_and_from_minus_1_to_1():
    network, lr = small(4).eval(), torch.rand(1, 3, 16, 16)
    with torch.no_grad():
        wanted = (network.body(enlarge(lr, 4) * 2 - 1) + 1) / 2
        torch.testing.assert_close(network(lr)["sr"], wanted)


@pytest.mark.parametrize(("window", "moved"), [(1, 1), (2, 0), (4, 0)])
def test_a_shifted_window_of_one_pixel_leaves_the_map_moved(window, moved):
    """The published network does so, with every second transformer of its middle."""
    attention = WindowAttention(4, window, shifted=True).double()
    x = torch.zeros(1, 4, 8, 8, dtype=torch.float64)
    x[:, :, 4, 4] = torch.rand(4, dtype=torch.float64)
    for _, weights in attention.named_parameters():
        torch.nn.init.constant_(weights, 0.1)
    torch.nn.init.zeros_(attention.query_key_value[1].weight)
    attention.query_key_value[1].weight.data[:, :, 1, 1] = 1  # the pixel itself, no neighbour
    rows, columns = attention(x)[0].abs().sum(0).nonzero(as_tuple=True)
    assert (rows.tolist(), columns.tolist()) == ([4 - moved], [4 - moved])


def test_everything_learns():
    learning = order_free(small(4))
    assert_all_learn(learning, torch.rand(2, 3, 16, 16, dtype=torch.float64))


def test_faces_are_enlarged():
    assert_faces_are_enlarged(small)


@pytest.mark.parametrize("scale", [4, 8])
def test_a_saved_folder_gives_the_same_network(scale, tmp_path):
    assert_saved_and_loaded(small(scale), tmp_path / "network")


@pytest.mark.slow
def test_eight_faces_are_learnt_beyond_bicubic(drawn_faces):
    torch.manual_seed(1)
    network = WFEN(Config(width=8, blocks=1), 8)
    assert error_over_bicubic(network, drawn_faces, side=32, steps=120, rate=5e-3) < 0.85


def test_faces_without_whole_windows_are_refused():
    with pytest.raises(ValueError, match=r"HR side of 80 px .* multiples of 32 px"):
        small(4).config.check(4, 20)
