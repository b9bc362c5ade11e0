"""SRResNet and SRGAN's discriminator: published sizes, figures of other builds, what they learn."""

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

from wnet.networks.operations import operations_a_face
from wnet.networks.srresnet.config import Config
from wnet.networks.srresnet.discriminator import Discriminator
from wnet.networks.srresnet.network import SRResNet

pytestmark = pytest.mark.usefixtures("one_thread")


def small(scale: int) -> SRResNet:
    torch.manual_seed(1)
    return SRResNet(Config(width=8, blocks=2), scale)


@pytest.mark.parametrize(
    ("scale", "parameters", "operations"), [(8, 1_695_063, 2.73), (4, 1_547_350, 4.54)]
)
def test_it_has_the_published_size(scale, parameters, operations):
    assert_size("srresnet", scale, parameters, operations)


@pytest.mark.parametrize(
    ("scale", "figures"),
    [
        (4, (0.041017357, 1.15689025, -4.90706678, 3.88395903)
         + (-0.0414618241, -2.5049276, -0.325157718)),
        (8, (-0.0881044308, 0.597837692, -2.78706337, 2.77559269)
         + (0.0148976408, -0.875762984, 0.0563602818)),
    ],
)  # fmt: skip
def test_it_is_the_function_of_other_builds(scale, figures):
    network = order_free(published("srresnet", scale))
    with torch.no_grad():
        assert_figures(network(wave(128 // scale))["sr"], figures)


def test_everything_learns():
    learning = order_free(small(4))
    assert_all_learn(learning, torch.rand(2, 3, 16, 16, dtype=torch.float64))


def test_pixels_outside_0_to_1_have_a_gradient_in_training():
    """One public build clips in the network, so that such pixels never come back."""
    network = small(4).train()
    torch.nn.init.constant_(network.tail.bias, 100.0)
    sr = network(torch.rand(2, 3, 16, 16))["sr"]
    assert sr.min() > 1
    sr.mean().backward()
    assert (network.tail.bias.grad > 0).all()


def test_faces_are_enlarged():
    assert_faces_are_enlarged(small)


@pytest.mark.parametrize("scale", [4, 8])
def test_a_saved_folder_gives_the_same_network(scale, tmp_path):
    assert_saved_and_loaded(small(scale), tmp_path / "network")


def test_eight_faces_are_learnt_beyond_bicubic(drawn_faces):
    torch.manual_seed(1)
    network = SRResNet(Config(width=16, blocks=2), 8)
    assert error_over_bicubic(network, drawn_faces, side=32, steps=160, rate=1e-2) < 0.8


def test_convolutions_start_from_he_s_values_and_no_bias():
    torch.manual_seed(1)
    network = published("srresnet", 4)
    deviation = network.body[3].body[0].weight.std().item()
    assert deviation == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)
    assert not network.head[0].bias.any()


def test_the_discriminator_has_the_published_size_and_is_the_function_of_other_builds():
    network = order_free(Discriminator(64, 128))
    assert count(network) == 38_243_713
    with torch.no_grad():
        assert network(wave(128)).item() == pytest.approx(0.7031881989530608, rel=1e-8)
    assert operations_a_face(network, 128) / 1e9 == pytest.approx(3.14, rel=0.01)


def test_the_discriminator_learns_to_distinguish_two_textures():
    torch.manual_seed(1)
    network = Discriminator(4, 32)
    smooth = torch.rand(8, 3, 1, 1).expand(-1, -1, 32, 32)
    rough = torch.rand(8, 3, 32, 32)
    faces, real = torch.cat((rough, smooth)), torch.tensor([1.0] * 8 + [0.0] * 8)[:, None]
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(20):
        optimizer.zero_grad()
        logits = network(faces)
        torch.nn.functional.binary_cross_entropy_with_logits(logits, real).backward()
        optimizer.step()
    assert logits.shape == (16, 1)
    assert ((logits > 0) == (real > 0)).all()


def test_a_discriminator_of_another_side_is_refused():
    with pytest.raises(ValueError, match="side of 100 px cannot be halved four times"):
        Discriminator(64, 100)
