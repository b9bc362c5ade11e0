"""DistributedDataParallel and SyncBatchNorm, in a group of one process on one GPU."""

import pytest
import torch
import torch.distributed as dist
from network_configs import TINY
from torch import nn

from wnet.networks.wnet.network import WNet
from wnet.training.loop import Training
from wnet.training.processes import Processes

pytestmark = pytest.mark.cuda


@pytest.fixture
def group(tmp_path):
    torch.cuda.set_device(0)
    dist.init_process_group("nccl", f"file://{tmp_path / 'meet'}", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.usefixtures("group")
def test_a_step_with_sync_batch_norm_is_the_plain_one(begin, tmp_path):
    plain = begin("cuda")
    torch.manual_seed(5)
    shared = Training(
        WNet(TINY, 4).cuda(), plain.steps.objective, plain.faces, plain.validation, plain.schedule,
        tmp_path / "shared.pt",
        Processes(rank=0, size=2),  # a batch is divided by two; here each step gets a whole one
    )  # fmt: skip
    layers = list(shared.network.modules())
    assert any(isinstance(layer, nn.SyncBatchNorm) for layer in layers)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in layers)
    for batch in list(plain.faces.shuffled(1, 0, 4, True, 0)) * 2:
        wanted, found = plain.step(batch), shared.step(batch)
        for name, value in wanted.items():
            assert found[name].item() == pytest.approx(value.item(), rel=2e-3, abs=1e-6), name
    state = shared.network.state_dict()
    for name, value in plain.network.state_dict().items():
        if "running" in name:
            torch.testing.assert_close(state[name], value, rtol=2e-2, atol=1e-3)


def test_recorded_steps_are_refused_among_several(begin):
    plain = begin("cuda")
    with pytest.raises(ValueError, match="WNET_COMPILE=graphs: a step that 2 processes share"):
        Training(
            plain.network, plain.steps.objective, plain.faces, plain.validation, plain.schedule,
            None, Processes(rank=0, size=2), "graphs",
        )  # fmt: skip
