"""Execution of training steps: as written, compiled, or recorded as a CUDA graph.

It changes nothing that a step computes, except for rounding.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from wnet.data.batches import Batch

Step = Callable[[Batch], dict[str, Tensor]]

STEPS_BEFORE_RECORDING = 3  # as PyTorch requires before a capture


@dataclass(frozen=True)
class Execution:
    """A way of executing training steps, one of EXECUTIONS.

    Attributes:
        compiled: whether torch compiles the network.
        recorded: whether the whole step, with losses and optimizer, is recorded as a CUDA graph,
            which the device runs in one call instead of some thousands.
    """

    compiled: bool
    recorded: bool


EXECUTIONS = {
    "eager": Execution(compiled=False, recorded=False),
    "compiled": Execution(compiled=True, recorded=False),
    "eager-graphs": Execution(compiled=False, recorded=True),
    "graphs": Execution(compiled=True, recorded=True),
}


def check_execution(execution: str, device: torch.device, processes: int) -> None:
    """Raise ValueError if steps cannot be recorded: on a CPU, and with several processes."""
    if not EXECUTIONS[execution].recorded:
        return
    if device.type != "cuda":
        raise ValueError(
            f"WNET_COMPILE={execution}: CUDA graphs need a CUDA device, and this training is on"
            f" {device}; unset it, or give 1 to compile only"
        )
    if processes > 1:
        raise ValueError(
            f"WNET_COMPILE={execution}: a step that {processes} processes share cannot be recorded;"
            " unset it, or give 1 to compile only"
        )


def prepared(network: nn.Module, execution: str) -> nn.Module:
    """Prepare the network for an execution; its weights remain those of `network`."""
    return torch.compile(network) if EXECUTIONS[execution].compiled else network


def set_rate(optimizer: Optimizer, rate: float) -> None:
    """Set the learning rate, in place if a recorded step reads it."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


class RecordedStep:
    """A step whose work on the device is recorded once and then repeated in one call.

    The first steps run normally, on a separate stream: they create what must exist before the
    recording, which is the optimizer's state, compiled code and cuDNN's choice of kernels. All
    batches must have the shapes of the first; otherwise ValueError is raised.
    """

    def __init__(self, step: Step, optimizers: Iterable[Optimizer], device: torch.device):
        """step: works on `device` alone and never waits for it. optimizers: all that it uses."""
        self._step, self._device = step, device
        self._made = 0
        self._held: Batch | None = None
        self._terms: dict[str, Tensor] = {}
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = torch.tensor(float(group["lr"]), device=device)  # read at each replay
                group["capturable"] = True

    def __call__(self, batch: Batch) -> dict[str, Tensor]:
        """Make one step; returns the losses, which later steps do not overwrite."""
        if self._made < STEPS_BEFORE_RECORDING:
            self._made += 1
            return self._warm_up(batch)
        if self._held is None:
            self._held = Batch(*(column.clone() for column in batch))
            self._terms = self._record(self._held)
        for held, given in zip(self._held, batch, strict=True):
            if held.shape != given.shape:
                raise ValueError(f"a batch of {given.shape}, where {held.shape} was recorded")
            held.copy_(given)
        self._replay()
        return dict(zip(self._terms, torch.stack([*self._terms.values()]).unbind(), strict=True))

    def _warm_up(self, batch: Batch) -> dict[str, Tensor]:
        here, beside = torch.cuda.current_stream(self._device), torch.cuda.Stream(self._device)
        beside.wait_stream(here)
        with torch.cuda.stream(beside):
            terms = self._step(batch)
        here.wait_stream(beside)
        return terms

    def _record(self, batch: Batch) -> dict[str, Tensor]:
        self._graph = torch.cuda.CUDAGraph()
        # thread_local, because the thread that streams faces may pin memory during the capture.
        with (
            torch.cuda.device(self._device),
            torch.cuda.graph(self._graph, capture_error_mode="thread_local"),
        ):
            return self._step(batch)

    def _replay(self) -> None:
        self._graph.replay()
