"""The simpler comparison networks: published sizes and functions, saving, and the pixel loss."""

import numpy as np
import pytest
import torch
from batches import batch_of

from wnet.networks import by_name
from wnet.networks.blocks import enlarge
from wnet.networks.saved import load
from wnet.networks.wnet.network import WNet

pytestmark = pytest.mark.usefixtures("one_thread")
SRCNN_955 = ("srcnn", {"kernels": (9, 5, 5), "channels": (64, 32)}, 4)
VDSR_20 = ("vdsr", {"width": 64, "depth": 20}, 4)
EDSR_BASELINE = ("edsr", {"width": 64, "blocks": 16, "residual_scale": 1.0}, 4)
SMALL = (
    ("srcnn", {"kernels": (5, 1, 3), "channels": (6, 4)}, 8),
    ("vdsr", {"width": 4, "depth": 3}, 4),
    ("edsr", {"width": 4, "blocks": 2, "residual_scale": 0.1}, 8),
)
every_small_one = pytest.mark.parametrize("made_of", SMALL, ids=lambda made_of: made_of[0])


def build(made_of):
    """The network of a name, settings and a scale."""
    name, settings, scale = made_of
    return by_name.build(name, by_name.config_of(name)(**settings), scale)


@pytest.mark.parametrize(
    ("made_of", "parameters"),
    [
        # weights and biases of RGB in and out, by hand; EDSR's 1.52 M is from its paper
        (SRCNN_955, 3 * 64 * 81 + 64 + 64 * 32 * 25 + 32 + 32 * 3 * 25 + 3),
        (VDSR_20, (3 * 64 * 9 + 64) + 18 * (64 * 64 * 9 + 64) + (64 * 3 * 9 + 3)),
        (EDSR_BASELINE, 1_517_571),
    ],
)
def test_the_published_settings_have_their_parameters(made_of, parameters):
    assert sum(weights.numel() for weights in build(made_of).parameters()) == parameters


@every_small_one
def test_faces_are_enlarged_no_map_is_estimated_and_gradients_reach_everything(made_of):
    torch.manual_seed(1)
    network, scale = build(made_of), made_of[2]
    made = network(torch.rand(2, 3, 16, 16))
    assert made.keys() == {"sr"}
    assert made["sr"].shape == (2, 3, 16 * scale, 16 * scale)
    made["sr"].square().mean().backward()
    assert all(weights.grad.abs().max() > 0 for weights in network.parameters())


def test_vdsr_adds_to_the_bicubic_enlargement():
    network, lr = build(SMALL[1]), torch.rand(1, 3, 16, 16)
    torch.nn.init.zeros_(network.body[-1].weight)
    assert torch.equal(network(lr)["sr"], enlarge(lr, 4))


def test_an_edsr_without_blocks_effect_is_its_head_and_tail():
    """residual_scale scales what a block adds: by 0 the body is its last convolution alone."""
    network, lr = build(SMALL[2]), torch.rand(1, 3, 16, 16)
    for block in network.body[:2]:
        block.residual_scale = 0.0
    head = network.head(lr)
    wanted = network.tail(network.enlarge(head + network.body[2](head)))
    torch.testing.assert_close(network(lr)["sr"], wanted)


@every_small_one
def test_a_saved_folder_gives_the_same_network_again(made_of, tmp_path):
    network = build(made_of).eval()
    network.save_pretrained(tmp_path / "network")
    loaded = load(tmp_path / "network", "cpu")
    assert (loaded.kind(), loaded.config, loaded.scale) == (made_of[0], network.config, made_of[2])
    lr = torch.rand(1, 3, 16, 16)
    assert torch.equal(loaded(lr)["sr"], network(lr)["sr"])
    with pytest.raises(ValueError, match=rf"is of {made_of[0]}, not of wnet"):
        WNet.from_pretrained(tmp_path / "network")


@pytest.mark.parametrize(("norm", "power"), [("l1", 1), ("l2", 2)])
def test_a_network_without_an_objective_learns_by_its_pixels(norm, power):
    sr, hr = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    loss = by_name.loss_of("edsr")(pixel_norm=norm)
    terms = by_name.objective_of("edsr", None, loss, 4, 8, {})({"sr": sr}, batch_of(hr))
    wanted = (np.abs(sr.numpy() - hr.numpy()) ** power).mean()
    assert {name: term.item() for name, term in terms.items()} == pytest.approx(
        {"pixel": wanted, "total": wanted}, rel=1e-6
    )


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("srcnn", {"kernels": (9, 4, 5), "channels": (64, 32)}, "(?s)kernels.*4 is even"),
        ("vdsr", {"width": 64, "depth": 1}, "(?s)depth.*greater than or equal to 2"),
        ("edsr", {"width": 0, "blocks": 1, "residual_scale": 1.0}, "(?s)width.*or equal to 1"),
        ("edsr", {"width": 8, "blocks": 1}, "(?s)residual_scale.*required"),
        ("edrs", {}, "'edrs' is not a network; available: .*edsr"),
    ],
)
def test_impossible_settings_are_named(name, settings, said):
    with pytest.raises(ValueError, match=said):
        by_name.config_of(name)(**settings)
