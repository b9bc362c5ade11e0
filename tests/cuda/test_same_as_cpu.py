"""A GPU gives the same results as a CPU, within its precision."""

import pytest
import torch
from network_configs import TINY, changed

from wnet.networks.by_name import build, config_of

pytestmark = pytest.mark.cuda
NETWORKS = {
    "wnet": TINY,
    "wnet without parts": changed(TINY, use_parsing_block=False, use_lpf=False, use_scab=False),
    "srcnn": config_of("srcnn")(kernels=(9, 5, 5), channels=(8, 4)),
    "vdsr": config_of("vdsr")(width=8, depth=4),
    "edsr": config_of("edsr")(width=8, blocks=2, residual_scale=0.1),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_faces_are_the_cpus(name):
    torch.manual_seed(1)
    network = build(name.split()[0], NETWORKS[name], 4).eval()
    lr = torch.rand(3, 3, 16, 16)
    with torch.no_grad():
        wanted = network(lr)["sr"]
        found = network.cuda()(lr.cuda())["sr"]
        layout = network.to(memory_format=torch.channels_last)
        last = layout(lr.cuda().contiguous(memory_format=torch.channels_last))["sr"]
    torch.testing.assert_close(found.cpu(), wanted, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(last.cpu(), wanted, rtol=1e-4, atol=1e-5)


def test_losses_and_scores_are_the_cpus(begin, finish):
    wanted, found = finish(begin("cpu")), finish(begin("cuda"))
    for row, other in zip(wanted, found, strict=True):
        assert other["learning_rate"] == row["learning_rate"]
        for name in row:
            if name.startswith("train/"):
                assert other[name] == pytest.approx(row[name], rel=2e-3, abs=1e-6), name
        assert other["validation/psnr"] == pytest.approx(row["validation/psnr"], abs=0.05)
        assert other["validation/ssim"] == pytest.approx(row["validation/ssim"], abs=2e-3)


def test_losses_of_the_first_step_are_almost_the_cpus(begin):
    terms = []
    for device in ("cpu", "cuda"):
        training = begin(device)
        terms.append(training.step(next(training.faces.batches(4))))
    for name, value in terms[0].items():
        assert terms[1][name].item() == pytest.approx(value.item(), rel=1e-4, abs=1e-7), name


def test_weights_and_maps_are_channels_last(begin):
    training, seen = begin("cuda"), []
    training.network.tail.register_forward_hook(lambda module, given, out: seen.append(out))
    training.step(next(training.faces.batches(4)))
    assert training.network.tail.weight.is_contiguous(memory_format=torch.channels_last)
    assert seen[0].is_contiguous(memory_format=torch.channels_last)


def test_bfloat16_learns_the_same_to_its_precision(begin, finish):
    plain, half = finish(begin("cuda")), begin("cuda", precision="bf16")
    dtypes = set()
    half.network.head.register_forward_hook(lambda module, given, out: dtypes.add(out.dtype))
    rows = finish(half)
    assert dtypes == {torch.bfloat16, torch.float32}  # validation is in float32
    assert {weight.dtype for weight in half.network.parameters()} == {torch.float32}
    assert rows[-1]["train/total"] == pytest.approx(plain[-1]["train/total"], rel=0.03)
    assert rows[-1]["train/total"] != plain[-1]["train/total"]
