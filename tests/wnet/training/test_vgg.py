"""VGG-19's features for the perceptual loss, with a saved network of random weights."""

import numpy as np
import pytest
import torch
from batches import batch_of
from torch import nn
from torchvision.models import vgg19

from wnet.networks.wnet.objective import WNetObjective
from wnet.networks.wnet.settings import Loss
from wnet.training.vgg import CONV5_4, VGGFeatures

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A file in torchvision's form: features of random weights, and a classifier cut small."""
    torch.manual_seed(2)
    whole = vgg19(weights=None)
    for layer in whole.features:
        if isinstance(layer, nn.Conv2d):
            nn.init.normal_(layer.bias, std=0.1)
    state = {k: v for k, v in whole.state_dict().items() if k.startswith("features")}
    path = tmp_path_factory.mktemp("weights") / "vgg19-dcbb9e9d.pth"
    torch.save({**state, "classifier.0.weight": torch.zeros(3)}, path)
    return path, whole.features.eval()


def test_the_features_are_conv5_4_before_its_relu(saved):
    path, features = saved
    convolutions = [layer for layer in features[:35] if isinstance(layer, nn.Conv2d)]
    assert len(convolutions) == 16  # conv1_1 to conv5_4
    assert isinstance(features[34], nn.Conv2d)
    assert isinstance(features[35], nn.ReLU)
    images = torch.rand(2, 3, 32, 32)
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    normal = (images.numpy().transpose(0, 2, 3, 1) - mean) / deviation
    with torch.no_grad():
        wanted = features[:35](torch.from_numpy(normal.transpose(0, 3, 1, 2)).float())
        found = VGGFeatures(19, CONV5_4).load(path)(images)
    assert found.shape == (2, 512, 2, 2)
    assert found.min() < 0
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


def test_the_perceptual_loss_is_eq_26_on_masked_images_and_trains_only_the_network(saved):
    path, _ = saved
    chosen = Loss(pixel_norm="l2", pixel=1.0, parsing=1.0, key_regions=0.5, perceptual=0.25)
    loss = WNetObjective(chosen, VGGFeatures(19, CONV5_4).load(path)).train()
    torch.manual_seed(4)
    sr, hr = torch.rand(1, 3, 32, 32, requires_grad=True), torch.rand(1, 3, 32, 32)
    classes = torch.zeros(1, 32, 32, dtype=torch.uint8)
    classes[:, 4:9, 6:20], classes[:, 20:26, 10:22] = 4, 12  # eyes and mouth; no brows, no nose
    terms = loss({"sr": sr, "parsing": torch.zeros(1, 3, 8, 8)}, batch_of(hr, classes=classes))

    def distance(ids):
        mask = np.isin(classes.numpy(), ids)[:, None]
        pair = [torch.from_numpy(image.detach().numpy() * mask).float() for image in (sr, hr)]
        first, second = (loss.features(image).detach().numpy() for image in pair)
        pixels = np.mean((pair[0].numpy() - pair[1].numpy()) ** 2)
        return pixels, ((first - second) ** 2).sum() / first[0].size

    eyes, mouth = distance([4, 5]), distance([11, 12, 13])
    assert terms["perceptual"].item() == pytest.approx(eyes[1] + mouth[1], rel=1e-4)
    assert terms["eyes"].item() == pytest.approx(eyes[0] + 0.25 * eyes[1], rel=1e-4)
    assert terms["nose"].item() == terms["eyebrows"].item() == 0
    terms["total"].backward()
    assert torch.isfinite(sr.grad).all()
    assert all(weight.grad is None for weight in loss.features.parameters())
    assert not loss.features.training


def test_a_file_that_lacks_a_layer_is_named(saved, tmp_path):
    state = torch.load(saved[0])
    del state["features.34.bias"]
    state["features.0.weight"] = torch.zeros(64, 1, 3, 3)
    torch.save(state, tmp_path / "vgg.pth")
    with pytest.raises(
        ValueError, match=r"vgg\.pth: .*0\.weight is \(64, 1, 3, 3\).*34\.bias is missing"
    ):
        VGGFeatures(19, CONV5_4).load(tmp_path / "vgg.pth")
