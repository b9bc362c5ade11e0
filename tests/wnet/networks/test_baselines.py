"""What W-Net is compared with: the published sizes and functions, and the same folder and loss."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from wnet.networks.config import EDSRConfig, LossWeights, SRCNNConfig, VDSRConfig
from wnet.networks.networks import build, load_network
from wnet.networks.wnet.network import WNet
from wnet.training.losses import WNetLoss

pytestmark = pytest.mark.usefixtures("one_thread")
SRCNN_955 = SRCNNConfig(scale=4, kernels=(9, 5, 5), channels=(64, 32))
VDSR_20 = VDSRConfig(scale=4, width=64, depth=20)
EDSR_BASELINE = EDSRConfig(scale=4, width=64, blocks=16, residual_scale=1.0)
SMALL = (
    SRCNNConfig(scale=8, kernels=(5, 1, 3), channels=(6, 4)),
    VDSRConfig(scale=4, width=4, depth=3),
    EDSRConfig(scale=8, width=4, blocks=2, residual_scale=0.1),
)


@pytest.mark.parametrize(
    ("config", "parameters"),
    [
        # weights and biases of RGB in and out, by hand; EDSR's 1.52 M stands in its paper
        (SRCNN_955, 3 * 64 * 81 + 64 + 64 * 32 * 25 + 32 + 32 * 3 * 25 + 3),
        (VDSR_20, (3 * 64 * 9 + 64) + 18 * (64 * 64 * 9 + 64) + (64 * 3 * 9 + 3)),
        (EDSR_BASELINE, 1_517_571),
    ],
)
def test_the_published_configurations_have_their_parameters(config, parameters):
    assert sum(weights.numel() for weights in build(config).parameters()) == parameters


@pytest.mark.parametrize("config", SMALL, ids=lambda config: type(config).__name__)
def test_faces_are_enlarged_no_map_is_estimated_and_gradients_reach_everything(config):
    torch.manual_seed(1)
    network = build(config)
    sr, parsing = network(torch.rand(2, 3, 16, 16))
    assert sr.shape == (2, 3, 16 * config.scale, 16 * config.scale)
    assert parsing is None
    sr.square().mean().backward()
    assert all(weights.grad.abs().max() > 0 for weights in network.parameters())


def test_vdsr_adds_to_the_bicubic_enlargement():
    network, lr = build(SMALL[1]), torch.rand(1, 3, 16, 16)
    torch.nn.init.zeros_(network.body[-1].weight)
    wanted = F.interpolate(lr, scale_factor=4, mode="bicubic")
    torch.testing.assert_close(network(lr)[0], wanted)


def test_an_edsr_without_blocks_effect_is_its_head_and_tail():
    """residual_scale scales what a block adds: by 0 the body is its last convolution alone."""
    network, lr = build(SMALL[2]), torch.rand(1, 3, 16, 16)
    for block in network.body[:2]:
        block.residual_scale = 0.0
    head = network.head(lr)
    wanted = network.tail(network.enlarge(head + network.body[2](head)))
    torch.testing.assert_close(network(lr)[0], wanted)


@pytest.mark.parametrize("config", SMALL, ids=lambda config: type(config).__name__)
def test_a_saved_folder_gives_the_same_network_again(config, tmp_path):
    network = build(config).eval()
    network.save_pretrained(tmp_path / "network", {"stage": "test"})
    loaded, record = load_network(tmp_path / "network", "cpu")
    assert record["network"] == type(config).__name__.removesuffix("Config").lower()
    assert loaded.config == config
    lr = torch.rand(1, 3, 16, 16)
    assert torch.equal(loaded(lr)[0], network(lr)[0])
    with pytest.raises(ValueError, match=rf"is of {record['network']}, not of wnet"):
        WNet.from_pretrained(tmp_path / "network")


def test_the_loss_has_no_parsing_term_where_there_is_no_map():
    weights = LossWeights(pixel_norm="l1", pixel=2.0, parsing=1.0, key_regions=0.0, perceptual=0.0)
    sr, hr = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    terms = WNetLoss(weights, None)(sr, None, hr, torch.rand(2, 1, 2, 2), torch.zeros(2, 8, 8))
    assert "parsing" not in terms
    wanted = 2 * np.abs(sr.numpy() - hr.numpy()).mean()
    assert terms["total"].item() == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SRCNNConfig(scale=4, kernels=(9, 4, 5), channels=(64, 32)), "odd"),
        (lambda: SRCNNConfig(scale=3, kernels=(9, 1, 5), channels=(64, 32)), "scale is 3"),
        (lambda: VDSRConfig(scale=4, width=64, depth=1), "depth is 1"),
        (lambda: EDSRConfig(scale=4, width=0, blocks=1, residual_scale=1.0), "width is 0"),
    ],
)
def test_impossible_configurations_are_named(make, said):
    with pytest.raises(ValueError, match=said):
        make()
