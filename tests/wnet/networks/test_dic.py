"""DIC and DICGAN's discriminator: sizes, the outputs of the original, the objective by hand."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
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

from wnet.networks.dic.discriminator import Discriminator
from wnet.networks.dic.feedback import part_maps
from wnet.networks.dic.network import DIC
from wnet.networks.dic.objective import (
    alignment_terms,
    discriminator_terms,
    generator_terms,
    image_terms,
    target_heatmaps,
)

pytestmark = pytest.mark.usefixtures("one_thread")
PUBLISHED = published_settings("dic")
NARROW = {
    "width": 6,
    "groups": 2,
    "steps": 3,
    "fusion_blocks": 1,
    "hourglass_width": 16,
    "discriminator_channels": (4, 6, 8, 6),
}
SMALL = PUBLISHED.model_copy(update=NARROW)
COLOURS = torch.tensor([0.509, 0.424, 0.378]).view(1, 3, 1, 1)


@pytest.mark.parametrize(("scale", "weights"), [(4, 21_813_114), (8, 21_803_849)])
def test_it_has_the_published_number_of_weights(scale, weights):
    network = DIC(PUBLISHED, scale)
    assert count(network) == weights
    assert count(network.alignment) == 11_999_172


def test_it_makes_of_the_wave_what_the_original_makes_at_scale_8():
    with torch.no_grad():
        images, heatmaps = order_free(DIC(PUBLISHED, 8)).published(wave(8))
    for step, wanted in {
        0: "0.802136244 0.155808607 0.322320979 1.07468766 0.649405716 1.04821443 0.491650696",
        1: "0.80304074 0.155145854 0.322506077 1.07767755 0.649384137 1.04805155 0.491327218",
        3: "0.803053082 0.155140952 0.322534085 1.07754519 0.649406919 1.04810225 0.491307295",
    }.items():
        assert_figures(images[:, step], wanted)
    for step, wanted in {
        0: "0.178658861 1.27686927 -4.38635926 4.25864808 -0.403400192 0.260398466 -0.224431754",
        3: "-0.327181928 37.9356293 -93.989841 102.000806 -5.63418781 -3.50902826 -55.9330787",
    }.items():
        assert_figures(heatmaps[:, step], wanted)


def test_it_makes_of_the_wave_what_another_build_makes_at_scale_4():
    with torch.no_grad():
        images, heatmaps = order_free(DIC(PUBLISHED, 4)).published(wave(16))
    assert_figures(
        images[:, 3],
        "0.478736459 0.270919636 -0.0914005797 1.07613781 0.649300665 0.689956659 0.290455956",
    )
    assert_figures(
        heatmaps[:, 3],
        "0.171690983 38.837185 -96.6341534 105.218718 -10.5029476 -6.88985125 -60.4576975",
    )


def test_the_discriminator_makes_of_the_wave_what_the_original_makes():
    judge = Discriminator(PUBLISHED, 128)
    assert count(judge) == 5_485_921
    with torch.no_grad():
        judged = order_free(judge).layers(wave(128))
    assert judged.item() == pytest.approx(0.1084036571717426, rel=1e-6)


def test_images_are_less_their_mean_inside():
    torch.manual_seed(1)
    network, judge = DIC(SMALL, 4).train(), Discriminator(SMALL, 64)
    lr, faces = torch.rand(2, 3, 16, 16), torch.rand(1, 3, 64, 64)
    made = network(lr)
    images, heatmaps = network.published(lr - COLOURS)
    torch.testing.assert_close(made["images"], images + COLOURS)
    assert torch.equal(made["heatmaps"], heatmaps)
    torch.testing.assert_close(judge(faces), judge.layers(faces - COLOURS))


@pytest.mark.parametrize("scale", [4, 8])
def test_every_weight_learns_and_faces_are_enlarged(scale, tmp_path):
    torch.manual_seed(1)
    network, lr = DIC(SMALL, scale), torch.rand(2, 3, 64 // scale, 64 // scale)
    made = network.train()(lr)
    assert made["images"].shape == (2, 3, 3, 64, 64)
    assert made["heatmaps"].shape == (2, 3, 68, 16, 16)
    assert_all_learn(network, lr)
    assert_enlarges(network, lr)
    assert_saved_and_loaded(network, tmp_path / "network")


def test_weights_start_from_kaiming_s_normal_distribution_but_the_hourglass_s():
    torch.manual_seed(1)
    network = DIC(PUBLISHED.model_copy(update={"groups": 1, "fusion_blocks": 1}), 8)
    wide = network.first[1].down[0][0]  # 48 channels in, a kernel of 12
    assert wide.weight.std().item() == pytest.approx(math.sqrt(2 / (48 * 144)), rel=0.01)
    assert not wide.bias.any()
    slopes = [layer.weight.item() for layer in network.modules() if isinstance(layer, nn.PReLU)]
    assert slopes == [pytest.approx(0.2)] * len(slopes)
    limit = math.sqrt(1 / 512)  # of nn.Conv2d's uniform, 512 channels in
    assert 0.99 * limit < network.alignment.hourglass[0].weight.abs().max() <= limit


def test_every_weight_of_the_discriminator_learns():
    torch.manual_seed(1)
    assert_all_learn(Discriminator(SMALL, 64), torch.rand(4, 3, 64, 64))


def test_the_face_of_the_last_step_is_the_result():
    torch.manual_seed(1)
    network, lr = DIC(SMALL, 4), torch.rand(1, 3, 16, 16)
    with torch.no_grad():
        made, alone = network.train()(lr), network.eval()(lr)
    assert torch.equal(made["sr"], made["images"][:, -1])
    assert torch.equal(alone["sr"], made["sr"])
    assert not torch.allclose(made["images"][:, 0], made["sr"])


def test_every_step_adds_to_the_bilinear_enlargement():
    network, lr = DIC(SMALL, 8).eval(), torch.rand(1, 3, 8, 8)
    for layer in (network.tail[2].weight, network.tail[2].bias):
        torch.nn.init.zeros_(layer)
    wanted = F.interpolate(lr, scale_factor=8, mode="bilinear", align_corners=False)
    torch.testing.assert_close(network(lr)["sr"], wanted)


def test_errors_of_a_later_image_train_the_hourglass():
    """The heatmaps that attend are not detached."""
    torch.manual_seed(1)
    network = DIC(SMALL, 4).train()
    images = network(torch.rand(1, 3, 16, 16))["images"]
    learns = network.alignment.stem[0].weight
    (first,) = torch.autograd.grad(images[:, 0].square().sum(), learns, retain_graph=True)
    (second,) = torch.autograd.grad(images[:, 1].square().sum(), learns)
    assert not first.any()
    assert second.any()


def test_heatmaps_are_summed_by_the_part_of_the_face(random):
    maps = random.uniform(-0.2, 1, size=(2, 68, 4, 4))
    maps[:, 40] = random.uniform(0, 0.01, size=(2, 4, 4))  # faint: divided by 0.05
    maps[:, 63] = -1.0  # no maximum above 0: divided by 0.05 too
    largest = np.maximum(maps.max((2, 3), keepdims=True), 0.05)
    scaled = maps / largest
    parts = (range(36, 42), range(42, 48), range(27, 36), range(48, 68), range(27))
    wanted = np.stack([scaled[:, list(part)].sum(1) for part in parts], 1)
    np.testing.assert_allclose(part_maps(torch.from_numpy(maps)), wanted)


def test_impossible_networks_are_refused():
    SMALL.check(8, 8)
    with pytest.raises(ValueError, match="enlarges 4 or 8 times, not 2 times"):
        SMALL.check(2, 32)
    with pytest.raises(ValueError, match=r"HR side of 96 px is no multiple of 64.* = 4 times"):
        SMALL.check(8, 12)


def test_targets_are_gaussians_at_a_fourth_of_the_points():
    points = torch.full((1, 68, 2), 64.0)
    points[0, 8] = torch.tensor([62.0, 120.0])
    found = target_heatmaps(points, 128)
    assert found.shape == (1, 68, 32, 32)
    assert found[0, 0, 16, 16] == 1
    assert found[0, 8, 30, 15].item() == pytest.approx(math.exp(-0.125))  # half a pixel beside it
    assert found[0, 8, 28, 15].item() == pytest.approx(math.exp(-(0.25 + 4) / 2))


def test_each_step_s_own_errors_are_summed(random):
    """The published DICGAN counts the last image's error once for every step."""
    images, heatmaps = random.uniform(size=(2, 4, 3, 8, 8)), random.normal(size=(2, 4, 68, 2, 2))
    hr, wanted = random.uniform(size=(2, 3, 8, 8)), random.uniform(size=(2, 68, 2, 2))
    made = {"images": torch.from_numpy(images), "heatmaps": torch.from_numpy(heatmaps)}
    found = image_terms(made, torch.from_numpy(hr), torch.from_numpy(wanted))
    pixels = sum(np.abs(images[:, step] - hr).mean() for step in range(4))
    maps = [((heatmaps[:, step] - wanted) ** 2).mean() for step in range(4)]
    assert found["pixel"].item() == pytest.approx(pixels)
    assert found["heatmaps"].item() == pytest.approx(sum(maps))
    alone = alignment_terms(made["heatmaps"][:, 1], torch.from_numpy(wanted))
    assert alone["heatmaps"].item() == pytest.approx(maps[1])


def test_adversarial_terms_are_cross_entropies_of_logits():
    real, fake = torch.tensor([[2.0], [-1.0]]), torch.tensor([[0.5], [-3.0]])
    judged = discriminator_terms(real, fake)
    wanted = (math.log1p(math.exp(-2)) + math.log1p(math.exp(1))) / 2
    assert judged["discriminator_hr"].item() == pytest.approx(wanted, rel=1e-5)
    wanted = (math.log1p(math.exp(0.5)) + math.log1p(math.exp(-3))) / 2
    assert judged["discriminator_sr"].item() == pytest.approx(wanted, rel=1e-5)
    wanted = (math.log1p(math.exp(-0.5)) + math.log1p(math.exp(3))) / 2
    assert generator_terms(fake)["adversarial"].item() == pytest.approx(wanted, rel=1e-5)
