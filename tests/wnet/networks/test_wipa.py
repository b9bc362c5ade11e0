"""WIPA: its published sizes, the outputs of the original, and its objective by hand."""

import math

import numpy as np
import pytest
import torch
from network_checks import (
    assert_all_learn,
    assert_enlarges,
    assert_figures,
    assert_saved_and_loaded,
    count,
    published_settings,
)
from order_free import order_free, wave
from torch import nn

from wnet.networks.wipa.config import Config
from wnet.networks.wipa.discriminator import Discriminator
from wnet.networks.wipa.network import WIPA
from wnet.networks.wipa.objective import (
    discriminator_terms,
    feature_terms,
    generator_terms,
    haar_packet,
    image_terms,
)

pytestmark = pytest.mark.usefixtures("one_thread")
SMALL = Config(width=6, discriminator_width=4)


@pytest.mark.parametrize(("scale", "weights"), [(4, 679_040), (8, 1_386_688)])
def test_it_has_the_published_number_of_weights(scale, weights):
    assert count(WIPA(published_settings("wipa"), scale)) == weights


def test_it_makes_of_the_wave_what_the_original_makes_at_scale_8():
    sr, wavelets = order_free(WIPA(published_settings("wipa"), 8)).published(wave(16))
    assert_figures(
        sr,
        "-0.0464260503 0.219959044 -0.585035344 0.454418194 -0.00612776236 0.206179491"
        " -0.065696836",
    )
    assert [len(maps[0, 0]) for maps in wavelets] == [64, 32, 16]
    assert_figures(
        wavelets[0],
        "-0.0256593396 0.0548579125 -0.180506042 0.144880535 -0.0402968191 -0.0588665672"
        " -0.0615624172",
    )
    assert_figures(
        wavelets[2],
        "-0.284419698 0.617692052 -2.36934339 1.285594 -0.499171287 -0.488566844 -0.649517066",
    )


def test_it_makes_of_the_wave_what_the_original_makes_at_scale_4():
    sr, _ = order_free(WIPA(published_settings("wipa"), 4)).published(wave(32))
    assert_figures(
        sr,
        "-0.0254670233 0.0961584293 -0.271544405 0.221389739 0.00660104756 0.0408203361"
        " -0.0336234952",
    )


def test_the_discriminator_makes_of_the_wave_what_the_original_makes():
    judge = Discriminator(published_settings("wipa"), 128)
    assert count(judge) == 4_855_617  # the original also holds 302,080 that nothing uses
    found = order_free(judge).layers(wave(128))
    assert found.item() == pytest.approx(0.5132358742301751, rel=1e-6)


def test_images_are_from_0_to_1_outside_and_from_minus_1_to_1_inside():
    torch.manual_seed(1)
    network, judge = WIPA(SMALL, 4).eval(), Discriminator(SMALL, 64).eval()
    lr, faces = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 64, 64)
    inside, _ = network.published((lr - 0.5) / 0.5)
    torch.testing.assert_close(network(lr)["sr"], inside * 0.5 + 0.5)
    torch.testing.assert_close(judge(faces), judge.layers((faces - 0.5) / 0.5))


@pytest.mark.parametrize("scale", [4, 8])
def test_every_weight_learns_and_faces_are_enlarged(scale, tmp_path):
    torch.manual_seed(1)
    network, lr = WIPA(SMALL, scale), torch.rand(2, 3, 64 // scale, 64 // scale)
    assert_all_learn(network, lr)
    assert_enlarges(network, lr)
    assert_saved_and_loaded(network, tmp_path / "network")


@pytest.mark.parametrize(("scale", "sides"), [(4, [32, 16]), (8, [32, 16, 8])])
def test_wavelets_come_in_training_alone_and_have_the_shapes_of_their_targets(scale, sides):
    network, lr = WIPA(SMALL, scale), torch.rand(2, 3, 64 // scale, 64 // scale)
    made = network.train()(lr)
    targets = haar_packet(torch.rand(2, 3, 64, 64), len(sides))
    assert list(made) == ["sr", *targets]
    for (name, maps), side in zip(targets.items(), sides, strict=True):
        assert made[name].shape == maps.shape == (2, 9, side, side)


def test_every_weight_of_the_discriminator_learns():
    torch.manual_seed(1)
    assert_all_learn(Discriminator(SMALL, 64), torch.rand(4, 3, 64, 64))


def test_the_weights_start_as_pytorch_s():
    """The published initialization of N(0, 0.02) is called on the network and reaches no layer."""
    torch.manual_seed(1)
    layer = WIPA(Config(width=64, discriminator_width=4), 4).levels[0].details
    torch.manual_seed(1)
    limit = math.sqrt(1 / (64 * 9))  # of nn.Conv2d's uniform
    assert 0.99 * limit < layer.weight.abs().max() <= limit
    assert layer.weight.std().item() == pytest.approx(limit / math.sqrt(3), rel=0.02)


def test_faces_that_the_discriminator_cannot_halve_are_refused():
    SMALL.check(8, 8)
    with pytest.raises(ValueError, match=r"HR side of 72 px is no multiple of 16"):
        SMALL.check(8, 9)


def test_targets_are_haar_coefficients_of_one_pixel_after_another(random):
    """Colour 1 of a face of 8 px; the second level by its own definition over blocks of 4 x 4."""
    hr = random.uniform(size=(1, 3, 8, 8))
    packet = haar_packet(torch.from_numpy(hr), 2)
    assert list(packet) == ["wavelets_2", "wavelets_4"]
    for name, size in (("wavelets_2", 2), ("wavelets_4", 4)):
        half = size // 2
        for row in range(8 // size):
            for column in range(8 // size):
                block = hr[0, 1, row * size :, column * size :][:size, :size]
                top, left = block[:half].mean(), block[:, :half].mean()
                diagonal = (block[:half, :half].mean() + block[half:, half:].mean()) / 2
                # of a block's mean m: the upper half is h above it, the left half v
                m = block.mean()
                wanted = [top - m, left - m, diagonal - m]
                found = packet[name][0, 3:6, row, column]
                np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_targets_are_of_faces_from_0_to_1_although_the_network_works_from_minus_1():
    """A white left half beside a black right half: 0.5 above and below their mean, not 1."""
    hr = torch.zeros(1, 3, 4, 4)
    hr[..., ::2] = 1
    first, second = haar_packet(hr, 2).values()
    assert first[0, :, 0, 0].tolist() == [0, 0.5, 0] * 3
    assert second.abs().max() == 0


def test_each_level_of_wavelets_counts_a_fourth_of_the_one_before(random):
    shapes = {"sr": (2, 3, 8, 8), "wavelets_2": (2, 9, 4, 4), "wavelets_4": (2, 9, 2, 2)}
    made = {name: random.uniform(-1, 1, size=shape) for name, shape in shapes.items()}
    hr = random.uniform(size=(2, 3, 8, 8))
    targets = haar_packet(torch.from_numpy(hr), 2)
    fine, coarse = (np.abs(made[n] - targets[n].numpy()).mean() for n in targets)
    found = image_terms({n: torch.from_numpy(x) for n, x in made.items()}, torch.from_numpy(hr))
    assert found["pixel"].item() == pytest.approx(((made["sr"] - hr) ** 2).mean())
    assert found["wavelets"].item() == pytest.approx((fine + coarse / 4) / 2)


def test_features_are_compared_by_squares():
    made, wanted = torch.tensor([[3.0, 4.0], [1.0, 0.0]]), torch.tensor([[4.0, 3.0], [0.0, 2.0]])
    assert feature_terms(made, wanted)["perceptual"].item() == pytest.approx((1 + 1 + 1 + 4) / 4)


def test_the_noise_of_labels_is_halved_during_training():
    p, q = torch.tensor([[0.7], [0.4]]), torch.tensor([[0.1], [0.6]])
    drawn = torch.tensor([[0.5], [1.0]]), torch.tensor([[0.0], [0.25]])
    for done, real, fake in ((0.0, (0.9, 0.8), (0.0, 0.05)), (1.0, (0.95, 0.9), (0.0, 0.025))):
        found = discriminator_terms(p, q, drawn, done)
        for name, probabilities, labels in (("hr", p, real), ("sr", q, fake)):
            pairs = zip(probabilities.flatten().tolist(), labels, strict=True)
            wanted = [-y * math.log(x) - (1 - y) * math.log(1 - x) for x, y in pairs]
            term = found[f"discriminator_{name}"].item()
            assert term == pytest.approx(sum(wanted) / 2, rel=1e-5)
    wanted = -(math.log(0.1) + math.log(0.6)) / 2
    assert generator_terms(q)["adversarial"].item() == pytest.approx(wanted, rel=1e-5)


def test_no_convolution_of_the_network_has_a_bias():
    layers = [m for m in WIPA(SMALL, 8).modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    assert len(layers) == 1 + 2 * 14 + 4 * 3 + 1
    assert all(layer.bias is None for layer in layers)
