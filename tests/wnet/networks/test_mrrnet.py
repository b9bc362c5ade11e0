"""MRRNet: its published size, the outputs of the original, and its objective by hand."""

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
from torch.nn.utils.parametrize import remove_parametrizations
from torchvision.models.vgg import cfgs, make_layers

from wnet.networks.blocks import enlarge
from wnet.networks.mrrnet.config import Config
from wnet.networks.mrrnet.discriminator import Discriminator
from wnet.networks.mrrnet.network import MRRNet
from wnet.networks.mrrnet.objective import (
    VGGMaps,
    discriminator_terms,
    feature_terms,
    generator_terms,
    image_terms,
)
from wnet.training.vgg import VGGFeatures

pytestmark = pytest.mark.usefixtures("one_thread")
SMALL = Config(width=8, blocks=2, discriminator_width=8)


@pytest.mark.parametrize("scale", [4, 8])
def test_it_has_the_published_number_of_weights(scale):
    assert count(MRRNet(published_settings("mrrnet"), scale)) == 9_130_771


def test_it_makes_of_the_wave_what_the_original_makes():
    network = order_free(MRRNet(published_settings("mrrnet"), 8))
    assert_figures(
        network.frame(wave(64)),
        "-0.12761601 1.08804879 -5.06634588 4.92636904 -1.82351542 0.617114248 1.5946434",
    )


def test_the_discriminator_makes_of_the_wave_what_the_original_makes():
    judge = Discriminator(published_settings("mrrnet"), 128)
    assert count(judge) == 390_720
    for layer in judge.layers[:8:2]:
        remove_parametrizations(layer, "weight", leave_parametrized=False)
    assert_figures(
        order_free(judge).layers(wave(128)),
        "0.0609821421 0.0159260043 0.0290753823 0.0922795775 0.0568127189 0.0591719323"
        " 0.0502057978",
    )


def test_images_are_from_0_to_1_outside_and_from_minus_1_to_1_inside():
    torch.manual_seed(1)
    network, lr = MRRNet(SMALL, 4).eval(), torch.rand(1, 3, 8, 8)
    inside = network.frame(enlarge(lr, 4) * 2 - 1)
    torch.testing.assert_close(network(lr)["sr"], inside * 0.5 + 0.5)
    judge, faces = Discriminator(SMALL, 32).eval(), torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(judge(faces), judge.layers((faces - 0.5) / 0.5))


@pytest.mark.parametrize("scale", [4, 8])
def test_every_weight_learns_and_faces_are_enlarged(scale, tmp_path):
    torch.manual_seed(1)
    network, lr = MRRNet(SMALL, scale), torch.rand(2, 3, 64 // scale, 64 // scale)
    assert_all_learn(network, lr)
    assert_enlarges(network, lr)
    assert_saved_and_loaded(network, tmp_path / "network")


def test_convolutions_start_small_and_norms_as_they_are():
    torch.manual_seed(1)
    network = MRRNet(Config(width=32, blocks=1, discriminator_width=8), 8)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d) and layer.weight.numel() > 10_000:
            assert layer.weight.std().item() == pytest.approx(0.02, rel=0.05)
        elif isinstance(layer, nn.InstanceNorm2d) and layer.affine:
            assert layer.weight.eq(1).all()
            assert layer.bias.eq(0).all()


def test_every_weight_of_the_discriminator_learns():
    torch.manual_seed(1)
    judge = Discriminator(SMALL, 64)
    assert_all_learn(judge, torch.rand(2, 3, 64, 64))
    assert judge(torch.rand(2, 3, 64, 64)).shape == (2, 1, 4, 4)


def test_the_discriminator_s_convolutions_stretch_nothing():
    """Their largest singular value is near 1 whatever the weights, so scores stay comparable."""
    torch.manual_seed(1)
    judge = Discriminator(SMALL, 64).train()
    with torch.no_grad():
        for layer in judge.layers[:8:2]:
            layer.parametrizations.weight.original *= 100
        for _ in range(30):
            judge(torch.rand(1, 3, 64, 64))
        for layer in judge.layers[:8:2]:
            largest = torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item()
            assert largest == pytest.approx(1, abs=0.05)
    assert not hasattr(judge.layers[8], "parametrizations")


def test_faces_that_cannot_be_halved_thrice_are_refused():
    SMALL.check(4, 8)
    for side in (6, 9):
        with pytest.raises(ValueError, match=rf"HR side of {4 * side} px is no multiple of 8"):
            SMALL.check(4, side)


def test_the_pixel_term_is_of_images_from_minus_1_to_1(random):
    sr, hr = random.uniform(size=(2, 2, 3, 8, 8))
    found = image_terms({"sr": torch.from_numpy(sr)}, torch.from_numpy(hr))
    wanted = np.abs((2 * sr - 1) - (2 * hr - 1)).mean()
    assert {k: v.item() for k, v in found.items()} == {"pixel": pytest.approx(wanted)}


def test_adversarial_terms_are_relativistic_average_hinges_each_side_halved():
    real, fake = np.array([0.5, 0.9, -0.2, 0.4]), np.array([-0.7, 0.3, 0.8, 0.0])
    scores = [torch.from_numpy(values).view(1, 1, 2, 2) for values in (real, fake)]
    # means 0.4 and 0.1. real - 0.1: 0.4 0.8 -0.3 0.3, so 1 - them: 0.6 0.2 1.3 0.7;
    # fake - 0.4: -1.1 -0.1 0.4 -0.4, so 1 + them: 0 (cut) 0.9 1.4 0.6
    judged = (2.8 / 4 + 2.9 / 4) / 2
    # with signs exchanged: 1 + (real - 0.1): 1.4 1.8 0.7 1.3; 1 - (fake - 0.4): 2.1 1.1 0.6 1.4
    deceived = (5.2 / 4 + 5.2 / 4) / 2
    assert discriminator_terms(*scores)["discriminator"].item() == pytest.approx(judged)
    assert generator_terms(*scores)["adversarial"].item() == pytest.approx(deceived)


def test_vgg_s_first_four_maps_are_after_their_relu_and_the_last_is_before():
    torch.manual_seed(2)
    narrow = [layer if layer == "M" else layer // 8 for layer in cfgs["E"]]  # E: VGG-19
    features = make_layers(narrow)
    images = torch.rand(1, 3, 48, 48)
    seen = {}
    for index, layer in enumerate(features):
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(
                lambda layer, x, made, index=index: seen.update({index: (x[0], made.clone())})
            )
    with torch.no_grad():
        vgg = VGGFeatures(19, 35)
        vgg.layers = features
        maps = VGGMaps(vgg)(images)
    convolutions = list(seen)
    assert len(convolutions) == 16  # conv1_1 to conv5_4
    for made, number in zip(maps, (2, 4, 8, 12), strict=False):  # conv1_2, 2_2, 3_4, 4_4
        torch.testing.assert_close(made, seen[convolutions[number - 1]][1].relu())
    torch.testing.assert_close(maps[4], seen[convolutions[15]][1])
    assert maps[4].min() < 0
    entered = seen[0][0][0].mean((1, 2)) * torch.tensor([0.229, 0.224, 0.225])
    shown = torch.nn.functional.interpolate(images, (224, 224), mode="bilinear")[0].mean((1, 2))
    torch.testing.assert_close(entered + torch.tensor([0.485, 0.456, 0.406]), shown)


def test_the_perceptual_term_weights_deeper_maps_more(random):
    made, wanted = ([random.normal(size=(1, 2, 4, 4)) for _ in range(5)] for _ in range(2))
    by_hand = sum(
        weight * np.abs(a - b).mean()
        for weight, a, b in zip((1 / 32, 1 / 16, 1 / 8, 1 / 4, 1), made, wanted, strict=True)
    )
    found = feature_terms(*([torch.from_numpy(x) for x in maps] for maps in (made, wanted)))
    assert found["perceptual"].item() == pytest.approx(by_hand)
