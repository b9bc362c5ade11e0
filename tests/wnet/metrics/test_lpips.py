"""LPIPS: the package's own, with trunks from our files and never from the internet.

ImageNet's weights need the internet; these trunks have the right shapes and random values.
"""

import numpy as np
import pytest
import torch
import torchvision

from wnet.metrics.lpips import LPIPSDistance

pytestmark = pytest.mark.usefixtures("one_thread")
NETS = {"alex": "alexnet", "vgg": "vgg16", "squeeze": "squeezenet1_1"}


@pytest.fixture(scope="module", params=NETS)
def saved(request, tmp_path_factory):
    """A net, its trunk in torchvision's form (the classifier cut), and torchvision's layers."""
    torch.manual_seed(8)
    with torch.no_grad():
        features = getattr(torchvision.models, NETS[request.param])(weights=None).features
    path = tmp_path_factory.mktemp("weights") / f"{request.param}.pth"
    state = {f"features.{name}": value for name, value in features.state_dict().items()}
    torch.save({**state, "classifier.1.weight": torch.zeros(2)}, path)
    return request.param, path, features.eval()


@pytest.fixture(autouse=True)
def no_downloads(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("nothing may be downloaded")

    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)


def test_distances_are_those_of_the_package(saved, random):
    """By the package's formula written out: unit features, weighted squares, means, summed."""
    import lpips

    net, path, features = saved
    sr, hr = random.integers(0, 256, (2, 3, 64, 64, 3), dtype=np.uint8)
    found = LPIPSDistance(net, "0.1", path, "cpu")(sr, hr)
    package = lpips.LPIPS(net=net, pnet_rand=True, verbose=False)
    slices = [part for name, part in package.net.named_children() if name.startswith("slice")]
    ends = [max(int(name) for name, _ in part.named_children()) for part in slices]
    shift, scale = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])

    def layers(images):
        seen = torch.from_numpy(images).float() / 127.5 - 1
        x = ((seen - shift) / scale).permute(0, 3, 1, 2)
        for number, layer in enumerate(features):
            x = layer(x)
            if number in ends:
                yield x / (x.pow(2).sum(dim=1, keepdim=True).sqrt() + 1e-10)

    expected = 0
    with torch.no_grad():
        for one, other, head in zip(layers(sr), layers(hr), package.lins, strict=True):
            weights = head.model[-1].weight
            expected += ((one - other) ** 2 * weights).sum(dim=1).mean(dim=(1, 2)).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert (found > 0).all()


def test_equal_faces_are_at_no_distance_and_batches_change_nothing(saved, random, monkeypatch):
    net, path, _ = saved
    distance = LPIPSDistance(net, "0.1", path, "cpu")
    sr, hr = random.integers(0, 256, (2, 3, 32, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(distance(hr, hr), 0)
    together = distance(sr, hr)
    monkeypatch.setattr("wnet.metrics.lpips._AT_ONCE", 2)
    np.testing.assert_allclose(distance(sr, hr), together, rtol=1e-4)
    with pytest.raises(ValueError, match="32 x 32 pixels or more"):
        distance(sr[:, :16, :16], hr[:, :16, :16])


def test_a_trunk_that_lacks_a_layer_is_named(saved, tmp_path):
    net, path, _ = saved
    state = torch.load(path)
    del state["features.0.bias"]
    torch.save(state, tmp_path / "trunk.pth")
    with pytest.raises(
        ValueError, match=r"trunk\.pth: not the weights .*slice1\.0\.bias is missing"
    ):
        LPIPSDistance(net, "0.1", tmp_path / "trunk.pth", "cpu")


def test_the_stage_quality_reports_every_net_with_its_trunk(saved, project, edit_params, random):
    import hashlib
    import json

    from click.testing import CliRunner

    from pipeline import quality
    from wnet.data.shards import write_index, write_shard
    from wnet.metrics.trunks import TRUNKS

    net, path, _ = saved
    (project / "weights").mkdir()
    (project / "weights/trunk.pth").symlink_to(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    trunk = {"file": "trunk.pth", "sha256": digest}
    edit_params({"quality.lpips": [net], f"weights.{TRUNKS[net]}": trunk})
    hr = random.integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    names = np.array(["a", "b"])
    (project / "crop").mkdir()
    write_shard(project / "crop/00000.h5", {"name": names, "hr": hr})
    write_index(project / "crop")
    write_shard(project / "sr.h5", {"name": names, "bicubic": hr[::-1], "sr": hr})
    made = CliRunner().invoke(
        quality.main, ["sample-x4", "sr.h5", "crop", "q.csv", "q.json", "m.json"]
    )
    assert made.exit_code == 0, made.output
    measured = json.loads((project / "q.json").read_text())
    assert measured["sr"]["lpips"] == {net: 0}
    assert measured["bicubic"]["lpips"][net] > 0
    assert measured["lpips_version"] == "0.1"
    assert measured["weights"] == {TRUNKS[net]: digest}
    headline = json.loads((project / "m.json").read_text())
    assert headline["sample-x4"]["sr"]["lpips"] == {net: 0}
    assert f"sr_{net}_lpips" in (project / "q.csv").read_text().splitlines()[0]
