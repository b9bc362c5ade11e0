"""The work of a training step: operations, bytes and arithmetic, counted on any machine.

An operation is an ATen operation that writes memory, which is one or a few kernels on a GPU; views
and empty tensors do not count. Bytes are those of its inputs and outputs, as if nothing were fused
or cached. Arithmetic is that of products and convolutions, forward, and twice as much backward.

    python benchmarks/step_counts.py --scale 8 --batch 4
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from pipeline.settings import params, schema
from wnet.data.batches import Batch
from wnet.data.faces_on_device import FacesOnDevice
from wnet.networks.by_name import build, objective_of
from wnet.networks.wnet.objective import WNetObjective
from wnet.parsing.regions import KEY_REGIONS
from wnet.training.loop import Training
from wnet.training.objective import Objective
from wnet.training.processes import Processes
from wnet.training.vgg import CONV5_4, VGGFeatures

_NO_KERNEL = {
    "_unsafe_view",
    "empty",
    "empty_like",
    "empty_strided",
    "new_empty",
    "new_empty_strided",
}


@dataclass(frozen=True)
class Work:
    """Operations, bytes read and written, and floating-point operations."""

    operations: int
    read: int
    written: int
    flops: int


class Counting(TorchDispatchMode):
    """Counts operations that write memory, and the bytes they read and write."""

    def __init__(self):
        super().__init__()
        self.operations = self.read = self.written = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = func(*args, **(kwargs or {}))
        if not _is_view(func) and func.overloadpacket.__name__ not in _NO_KERNEL:
            self.operations += 1
            self.read += _bytes((args, kwargs))
            self.written += _bytes(given)
        return given


def _is_view(func) -> bool:
    aliases = [returned.alias_info for returned in func._schema.returns]
    return any(alias is not None and not alias.is_write for alias in aliases)


def _bytes(values) -> int:
    tensors = (value for value in tree_leaves(values) if isinstance(value, Tensor))
    return sum(tensor.nbytes for tensor in tensors)


def forward_work(training: Training, batch: Batch) -> Work:
    """The work of the network's forward pass alone."""
    lr = batch.lr.contiguous(memory_format=torch.channels_last)
    with Counting() as counted:
        training.network(lr)
    return Work(counted.operations, counted.read, counted.written, _flops(training, batch) // 3)


def step_work(training: Training, batch: Batch) -> Work:
    """The work of an eager training step: forward, losses, backward, optimizer."""
    training.step(batch)  # creates the optimizer's state
    with Counting() as counted:
        training.step(batch)
    return Work(counted.operations, counted.read, counted.written, _flops(training, batch))


@torch.no_grad()
def _flops(training: Training, batch: Batch) -> int:
    """Three times the network's forward pass, plus VGG-19's, once for HR and twice for SR.

    Its weights are frozen, so that its backward pass costs as much as the forward one.
    """
    with FlopCounterMode(display=False) as network:
        training.network(batch.lr)
    seen = training.steps.objective.features
    if seen is None:
        return 3 * network.get_total_flops()
    with FlopCounterMode(display=False) as features:
        seen(batch.hr)
    masked = len(KEY_REGIONS) * features.get_total_flops()
    return 3 * network.get_total_flops() + 3 * masked


def random_faces(count: int, scale: int, side: int, device: str) -> FacesOnDevice:
    """Noise images as faces, since no count and no rate depends on the content."""
    random = np.random.default_rng(1)
    small = side // scale
    columns = [
        random.integers(0, 256, (count, *shape), np.uint8)
        for shape in ((small, small, 3), (side, side, 3), (small, small))
    ]
    columns.append(random.integers(0, 19, (count, side, side), np.uint8))
    points = random.uniform(0, side - 1, (count, 68, 2)).astype(np.float32)
    return FacesOnDevice(*columns, points, device)


def network_of(run_name: str, scale: int, device: str, changes: dict) -> nn.Module:
    """The untrained network of a run of params.yaml; `changes` are keys of its `model`."""
    run = params.load().runs[run_name]
    torch.manual_seed(run.train.seed)
    return build(run.model.network, run.model.model_copy(update=changes), scale).to(device)


def objective_for(run: schema.Run, scale: int, side: int, perceptual: bool = False) -> Objective:
    """The objective of a run, without features and discriminator; or W-Net's, with random VGG-19.

    Rates and counts do not depend on the weights of VGG-19.
    """
    if perceptual:
        return WNetObjective(run.loss, VGGFeatures(19, CONV5_4))
    dropped = {"perceptual", "adversarial"} & set(type(run.loss).model_fields)
    loss = run.loss.model_copy(update=dict.fromkeys(dropped, 0.0))
    return objective_of(run.model.network, run.model, loss, scale, side, {})


def training_of(
    run_name: str,
    network: nn.Module,
    faces: FacesOnDevice,
    perceptual: bool,
    execution: str = "eager",
    **changes,
) -> Training:
    """A training of a run of params.yaml; `changes` are keys of its `train`.

    perceptual: whether the loss has the perceptual term, with random weights of VGG-19.
    """
    run = params.load().runs[run_name]
    side = next(faces.batches(1)).hr.shape[-1]
    return Training(
        network,
        objective_for(run, network.scale, side, perceptual),
        faces,
        faces,
        run.train.model_copy(update={"epochs": 1} | changes),
        Path("never written"),
        Processes(),
        execution,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scale", type=int, default=8)
    parser.add_argument("--batch", type=int, default=4)
    asked = parser.parse_args()
    faces = random_faces(asked.batch, asked.scale, 128, "cpu")
    print(f"W-Net x{asked.scale}, batch {asked.batch}, 128 px, float32, torch {torch.__version__}")
    print(f"{'':32} operations  GB read  GB written  TFLOP")
    for perceptual in (False, True):
        network = network_of("wnet", asked.scale, "cpu", {})
        training = training_of("wnet", network, faces, perceptual, batch=asked.batch)
        batch = next(faces.batches(asked.batch))
        if not perceptual:
            _show("forward", forward_work(training, batch))
        title = "step, the paper's loss" if perceptual else "step, without VGG-19"
        _show(title, step_work(training, batch))


def _show(title: str, work: Work) -> None:
    print(
        f"{title:32} {work.operations:10,}  {work.read / 1e9:7.2f}  {work.written / 1e9:10.2f}"
        f"  {work.flops / 1e12:5.2f}"
    )


if __name__ == "__main__":
    main()
