"""Fixtures of the tests that need a GPU.

benchmarks/gpu_card.py runs them on machines with little more than PyTorch; a test that needs other
packages is skipped and says which.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from network_configs import SCHEDULE, TINY, changed

from wnet.data.faces_on_device import FacesOnDevice
from wnet.networks.wnet.network import WNet
from wnet.networks.wnet.objective import WNetObjective
from wnet.networks.wnet.settings import Loss
from wnet.training.loop import Training
from wnet.training.processes import Processes

PLAN = changed(SCHEDULE, batch=4)
WEIGHTS = Loss(pixel_norm="l2", pixel=1, parsing=1, key_regions=1, perceptual=0)


@pytest.fixture(autouse=True)
def card() -> Iterator[None]:
    """A GPU with real float32: cuDNN would use TF32."""
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device is usable here")
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32 = cudnn.allow_tf32 = False
    yield
    matmul.allow_tf32, cudnn.allow_tf32 = before
    torch.compiler.reset()


@pytest.fixture
def columns() -> list[np.ndarray]:
    """Fourteen smooth random images in place of faces, of 64 and 16 pixels."""
    random = np.random.default_rng(7)
    coarse = random.integers(40, 216, (14, 8, 8, 3), dtype=np.uint8)
    hr = coarse.repeat(8, axis=1).repeat(8, axis=2)
    skin = random.integers(0, 256, (14, 16, 16), dtype=np.uint8)
    classes = random.integers(0, 19, (14, 64, 64), np.uint8)
    points = random.uniform(0, 63, (14, 68, 2)).astype(np.float32)
    return [hr[:, 2::4, 2::4].copy(), hr, skin, classes, points]


@pytest.fixture
def begin(columns, tmp_path) -> Callable[..., Training]:
    """begin(device, execution, checkpoint, **changes): a training of a small W-Net."""

    def begun(device: str, execution: str = "eager", checkpoint: str = "", **changes) -> Training:
        torch.manual_seed(5)
        faces = FacesOnDevice(*columns, device)
        name = checkpoint or f"{len(list(tmp_path.iterdir()))}-{device}.pt"
        network, plan = WNet(TINY, 4).to(device), changed(PLAN, **changes)
        return Training(
            network, WNetObjective(WEIGHTS, None), faces, faces, plan, tmp_path / name, Processes(),
            execution,
        )  # fmt: skip

    return begun


@pytest.fixture
def finish() -> Callable[[Training], list[dict]]:
    """Train to the end: the history."""
    return lambda training: training.run(lambda count: None, lambda row, network: None).history
