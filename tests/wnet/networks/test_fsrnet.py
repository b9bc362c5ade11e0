"""FSRNet and FSRGAN's discriminator: sizes, the outputs of another build, the objective by hand."""

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
from PIL import Image

from wnet.networks.blocks import enlarge
from wnet.networks.fsrnet.discriminator import Discriminator
from wnet.networks.fsrnet.network import Block, FSRNet
from wnet.networks.fsrnet.objective import (
    discriminator_terms,
    feature_terms,
    generator_terms,
    image_terms,
    prior_maps,
    prior_terms,
)

pytestmark = pytest.mark.usefixtures("one_thread")
PUBLISHED = published_settings("fsrnet")
BOTH = PUBLISHED.model_copy(update={"priors": "both"})
NARROW = {"width": 6, "prior_width": 32, "encoder_blocks": 2, "discriminator_width": 4}
SMALL = PUBLISHED.model_copy(update=NARROW)
WANTED_CLASSES = [1, 2, 3, 4, 5, 7, 8, 10, 11, 12, 13]


@pytest.mark.parametrize("scale", [4, 8])
def test_it_has_the_published_number_of_weights(scale):
    assert count(FSRNet(BOTH, scale)) == 3_272_463
    assert count(FSRNet(PUBLISHED, scale)) == 3_272_463 - 68 * 129
    wider = BOTH.model_copy(update={"deconvolution": 4})
    assert count(FSRNet(wider, scale)) == 3_301_135


def test_no_block_shares_its_weights():
    """The published code repeats one block 3, 12 and 3 times, and has 2,153,931 weights."""
    network = FSRNet(PUBLISHED, 8)
    blocks = [module for module in network.modules() if isinstance(module, Block)]
    assert len(blocks) == 3 + 12 + 2 + 3
    shared = count(network) - (2 + 11 + 2) * 73_984
    assert shared == 2_153_931


def test_it_makes_of_the_wave_what_another_build_makes():
    network = order_free(FSRNet(PUBLISHED, 8))
    with torch.no_grad():
        coarse, features, sr = network.published(wave(64))
        priors = network.heads(features)
    assert_figures(
        coarse,
        "-0.0485432169 0.211500436 -0.483738543 0.371526255 -0.249008268 0.119384438 -0.17937004",
    )
    assert_figures(
        priors,
        "6.65810659 19.2863282 -27.7940245 57.8409469 52.8535296 29.5716782 -14.8328854",
    )
    assert_figures(
        sr,
        "-0.338979951 0.785028503 -0.999999831 0.999590926 0.989510696 -0.408789684 -0.927045394",
    )


def test_the_larger_transposed_kernel_and_all_priors_are_another_build_s_too():
    wider = BOTH.model_copy(update={"deconvolution": 4})
    network = order_free(FSRNet(wider, 8))
    with torch.no_grad():
        _, features, sr = network.published(wave(64))
        priors = network.heads(features)
    assert_figures(
        priors,
        "2.87091275 16.4421627 -45.4200346 57.8409469 52.8535296 29.5716782 28.0939655",
    )
    assert_figures(
        sr,
        "-0.273438744 0.76003202 -0.999863564 0.995726999 -0.982560498 0.544809874 -0.959010969",
    )


def test_the_discriminator_makes_of_the_wave_what_another_build_makes():
    judge = Discriminator(PUBLISHED, 128)
    assert count(judge) == 4_693_697
    with torch.no_grad():
        judged = order_free(judge).layers(wave(128))
    assert_figures(
        judged,
        "0.495998116 0.00665885407 0.476382727 0.505698637 0.476382727 0.499922652 0.505698637",
    )


def test_images_are_from_0_to_1_outside_and_from_minus_1_to_1_inside():
    torch.manual_seed(1)
    network, judge = FSRNet(SMALL, 4).train(), Discriminator(SMALL, 32).eval()
    lr, faces = torch.rand(2, 3, 8, 8), torch.rand(1, 3, 32, 32)
    made = network(lr)
    coarse, _, sr = network.published((enlarge(lr, 4) - 0.5) / 0.5)
    torch.testing.assert_close(made["sr"], sr * 0.5 + 0.5)
    torch.testing.assert_close(made["coarse"], coarse * 0.5 + 0.5)
    torch.testing.assert_close(judge(faces), judge.layers((faces - 0.5) / 0.5))


@pytest.mark.parametrize("scale", [4, 8])
def test_every_weight_learns_and_faces_are_enlarged(scale, tmp_path):
    torch.manual_seed(1)
    network, lr = FSRNet(SMALL, scale), torch.rand(2, 3, 64 // scale, 64 // scale)
    made = network.train()(lr)
    assert {name: tuple(maps.shape[1:]) for name, maps in made.items()} == {
        "sr": (3, 64, 64),
        "coarse": (3, 64, 64),
        "priors": (11, 32, 32),
    }
    assert_all_learn(network, lr)
    assert_enlarges(network, lr)
    assert_saved_and_loaded(network, tmp_path / "network")


def test_every_weight_of_the_discriminator_learns():
    torch.manual_seed(1)
    assert_all_learn(Discriminator(SMALL, 64), torch.rand(4, 3, 64, 64))


def test_the_decoder_sees_the_features_and_not_the_priors():
    torch.manual_seed(1)
    network = FSRNet(SMALL, 8)
    network(torch.rand(2, 3, 8, 8))["sr"].square().mean().backward()
    assert network.heads.weight.grad is None
    assert network.prior[0].weight.grad.abs().max() > 0


def test_faces_that_the_hourglasses_cannot_halve_are_refused():
    SMALL.check(8, 8)
    with pytest.raises(ValueError, match=r"HR side of 72 px is no multiple of 16.* = 3 times"):
        SMALL.check(8, 9)


def test_parsing_priors_are_the_masks_reduced_by_pillow(drawn_faces):
    classes = np.stack([face.classes[64:192, 64:192] for face in drawn_faces])
    found = prior_maps("parsing", torch.from_numpy(classes), torch.zeros(8, 68, 2))
    assert found.shape == (8, 11, 64, 64)
    for face, maps in zip(classes, found.numpy(), strict=True):
        for identity, drawn in zip(WANTED_CLASSES, maps, strict=True):
            mask = Image.fromarray((face == identity).astype(np.float32))  # mode F: no rounding
            small = np.asarray(mask.resize((64, 64), Image.Resampling.BICUBIC))
            np.testing.assert_allclose(drawn, np.clip(small, 0, 1) * 2 - 1, atol=1e-5)


def test_both_priors_are_the_classes_then_the_points(drawn_faces):
    classes = torch.from_numpy(np.stack([face.classes for face in drawn_faces]))
    points = torch.from_numpy(np.stack([face.points for face in drawn_faces]))
    both = prior_maps("both", classes, points)
    assert torch.equal(both[:, :11], prior_maps("parsing", classes, points))
    assert torch.equal(both[:, 11:], prior_maps("landmarks", classes, points))
    assert both.shape == (8, 79, 128, 128)
    x, y = (points[0, 30] / 2).tolist()  # the tip of the nose, of sigma 3
    wanted = math.exp(-((round(x) - x) ** 2 + (round(y) + 3 - y) ** 2) / 18)
    assert both[0, 11 + 30, round(y) + 3, round(x)].item() == pytest.approx(wanted, rel=1e-4)


def test_errors_are_mean_squares_of_images_from_minus_1_to_1(random):
    sr, coarse, hr = random.uniform(size=(3, 2, 3, 8, 8))
    priors, wanted = random.normal(size=(2, 2, 11, 4, 4))
    made = {"sr": sr, "coarse": coarse, "priors": priors}
    made = {name: torch.from_numpy(values) for name, values in made.items()}
    terms = image_terms(made, torch.from_numpy(hr)) | prior_terms(made, torch.from_numpy(wanted))
    assert {name: term.item() for name, term in terms.items()} == pytest.approx(
        {
            "coarse": np.mean(((2 * coarse - 1) - (2 * hr - 1)) ** 2),
            "pixel": np.mean(((2 * sr - 1) - (2 * hr - 1)) ** 2),
            "priors": np.mean((priors - wanted) ** 2),
        }
    )


def test_adversarial_terms_are_cross_entropies_of_every_part():
    real, fake = (
        torch.tensor([0.8, 0.5]).view(1, 1, 1, 2),
        torch.tensor([0.3, 0.9]).view(1, 1, 1, 2),
    )
    judged = discriminator_terms(real, fake)
    wanted = -(math.log(0.8) + math.log(0.5)) / 2, -(math.log(0.7) + math.log(0.1)) / 2
    assert judged["discriminator_hr"].item() == pytest.approx(wanted[0], rel=1e-5)
    assert judged["discriminator_sr"].item() == pytest.approx(wanted[1], rel=1e-5)
    deceived = -(math.log(0.3) + math.log(0.9)) / 2
    assert generator_terms(fake)["adversarial"].item() == pytest.approx(deceived, rel=1e-5)
    found = feature_terms(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 5.0]))
    assert found["perceptual"].item() == pytest.approx((4 + 9) / 2)
