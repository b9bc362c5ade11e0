"""Data-parallel training: processes that each train on a share of every batch."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

Value = TypeVar("Value")


@dataclass(frozen=True)
class Processes:
    """One of `size` processes, number `rank`; alone unless torchrun started more."""

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the process that validates and writes."""
        return self.rank == 0

    def from_first(self, value: Value) -> Value:
        """The first process's value, in all processes; it must be picklable."""
        if self.size == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box)
        return box[0]

    def mean(self, values: Tensor) -> Tensor:
        """The mean over the processes."""
        if self.size > 1:
            dist.all_reduce(values)
        return values / self.size

    def average(self, gradients: Iterable[Tensor | None]) -> None:
        """Replace each gradient by its mean over the processes; all must pass the same ones."""
        if self.size > 1:
            for gradient in gradients:
                if gradient is not None:
                    dist.all_reduce(gradient)
                    gradient /= self.size

    def share(self, length: int) -> slice:
        """The part of a batch of `length` faces that this process trains on."""
        part = length // self.size
        return slice(self.rank * part, (self.rank + 1) * part)


@contextmanager
def joined(device: str) -> Iterator[Processes]:
    """Join the processes that torchrun started, through NCCL on CUDA and gloo elsewhere."""
    if "RANK" not in os.environ:
        yield Processes()
        return
    if device.startswith("cuda"):
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    try:
        yield Processes(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()
