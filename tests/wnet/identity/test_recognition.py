"""ArcFace and AdaFace: the published layouts, the networks' inputs, and batches.

The real weights need the internet; these have the right shapes and random values.
"""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from wnet.identity.adaface import BLOCKS, IResNet, depth_of
from wnet.identity.alignment import align
from wnet.identity.recognition import RecognitionNetwork, adaface, arcface

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def faces(random):
    """Three noisy pictures of 128 px, each with a face's landmarks."""
    images = random.integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)
    points = random.uniform(30, 95, (3, 68, 2)).astype(np.float32)
    return images, points


@pytest.fixture(scope="module")
def arcface_file(tmp_path_factory):
    from facexlib.recognition.arcface_arch import Backbone

    torch.manual_seed(6)
    path = tmp_path_factory.mktemp("weights") / "recognition_arcface_ir_se50.pth"
    torch.save(Backbone(num_layers=50, drop_ratio=0.6, mode="ir_se").state_dict(), path)
    return path


def test_networks_see_aligned_faces_from_minus_one_to_one_in_their_order(faces):
    class Corner(torch.nn.Module):
        """A network whose output is the colours of one pixel."""

        def forward(self, batch):
            self.shape = batch.shape
            return torch.nn.functional.pad(batch[:, :, 50, 60], (0, 509))

    images, points = faces
    colours = align(images, points)[:, 50, 60] / 127.5 - 1
    for bgr, order in ((False, [0, 1, 2]), (True, [2, 1, 0])):
        network = Corner()
        found = RecognitionNetwork(network, bgr, "cpu").embed(images, points)
        assert network.shape == (3, 3, 112, 112)
        expected = colours[:, order] / np.linalg.norm(colours, axis=1, keepdims=True)
        np.testing.assert_allclose(found[:, :3], expected, atol=1e-6)


def test_arcface_is_facexlibs_network(arcface_file, faces):
    images, points = faces
    network = arcface(arcface_file, "cpu")
    found = network.embed(images, points)
    assert found.shape == (3, 512)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    alone = np.concatenate([network.embed(images[i : i + 1], points[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(found, alone, atol=1e-5)


def test_a_face_that_was_not_found_is_a_row_of_nan(arcface_file, faces):
    images, points = faces
    points[1, 3] = np.nan
    found = arcface(arcface_file, "cpu").embed(images, points)
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[[0, 2]]).all()
    with pytest.raises(ValueError, match="uint8"):
        arcface(arcface_file, "cpu").embed(images.astype(np.float32), points)


def test_adaface_has_the_layers_of_its_checkpoints():
    """Names and shapes as AdaFace's net.py makes them, hand-written for IR-18."""
    shapes = {name: tuple(w.shape) for name, w in IResNet(18).state_dict().items()}
    expected = {"input_layer.0.weight": (64, 3, 3, 3), "input_layer.2.weight": (64,)}
    inputs = 64
    for block, width in enumerate([64, 64, 128, 128, 256, 256, 512, 512]):
        name = f"body.{block}"
        expected |= {
            f"{name}.res_layer.0.weight": (inputs,),
            f"{name}.res_layer.1.weight": (width, inputs, 3, 3),
            f"{name}.res_layer.2.running_mean": (width,),
            f"{name}.res_layer.3.weight": (width,),
            f"{name}.res_layer.4.weight": (width, width, 3, 3),
            f"{name}.res_layer.5.bias": (width,),
        }
        if inputs != width:
            expected |= {
                f"{name}.shortcut_layer.0.weight": (width, inputs, 1, 1),
                f"{name}.shortcut_layer.1.running_var": (width,),
            }
        inputs = width
    expected |= {
        "output_layer.0.weight": (512,),
        "output_layer.3.weight": (512, 512 * 49),
        "output_layer.3.bias": (512,),
        "output_layer.4.running_mean": (512,),
    }
    assert expected.items() <= shapes.items()
    assert "output_layer.4.weight" not in shapes  # its last normalization has no weights
    blocks = {name.split(".")[1] for name in shapes if name.startswith("body.")}
    assert len(blocks) == 8


@pytest.mark.parametrize(("depth", "millions"), [(18, 24.0), (50, 43.6), (101, 65.2)])
def test_adaface_has_its_published_size_and_is_known_by_it(depth, millions):
    with torch.device("meta"):
        network = IResNet(depth)
    total = sum(weights.numel() for weights in network.parameters())
    assert total / 1e6 == pytest.approx(millions, abs=0.1)
    assert depth_of(network.state_dict()) == depth


def test_adaface_halves_in_the_first_block_of_each_width(faces):
    network = IResNet(18).eval()
    sides = []
    for block in network.body:
        block.register_forward_hook(lambda module, given, made: sides.append(made.shape[-1]))
    with torch.no_grad():
        assert network(torch.zeros(1, 3, 112, 112)).shape == (1, 512)
    assert sides == [56, 56, 28, 28, 14, 14, 7, 7]


def test_adaface_loads_saved_weights_and_reports_mismatches(tmp_path, faces):
    torch.manual_seed(7)
    state = IResNet(18).state_dict()
    save_file(state, tmp_path / "ir18.safetensors")
    images, points = faces
    network = adaface(tmp_path / "ir18.safetensors", "cpu")
    found = network.embed(images, points)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    alone = np.concatenate([network.embed(images[i : i + 1], points[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(found, alone, atol=1e-5)
    del state["body.3.res_layer.3.weight"]
    save_file(state, tmp_path / "cut.safetensors")
    with pytest.raises(ValueError, match=r"cut\.safetensors: .*res_layer\.3\.weight is missing"):
        adaface(tmp_path / "cut.safetensors", "cpu")
    save_file({"body.0.x": torch.ones(1)}, tmp_path / "short.safetensors")
    with pytest.raises(ValueError, match=r"short\.safetensors: 1 blocks .* have 8, 24, 49"):
        adaface(tmp_path / "short.safetensors", "cpu")
    assert set(BLOCKS) == {18, 50, 101}
