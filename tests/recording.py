"""A recorded step without a GPU.

A dispatch mode replaces the CUDA graph: it records the operations of a step as they reach the
device's kernels, and a replay runs them again on the same memory. Computations in Python, or reads
from the device, have the same effect as in a graph.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from wnet.data.batches import Batch
from wnet.training.execution import RecordedStep
from wnet.training.loop import Training

ASKS = ("_local_scalar_dense", "nonzero", "is_nonzero", "equal", "masked_select", "unique")


class Operations(TorchDispatchMode):
    """Records every operation that ran, with its inputs and outputs."""

    def __init__(self):
        super().__init__()
        self.made: list[tuple[Callable, tuple, dict, object]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = func(*args, **(kwargs or {}))
        self.made.append((func, args, kwargs or {}, given))
        return given

    def again(self) -> None:
        """Run the operations again, into the same memory."""
        for func, args, kwargs, given in self.made:
            computed = tree_leaves(func(*args, **kwargs))
            for old, new in zip(tree_leaves(given), computed, strict=True):
                if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


class OnPaper(RecordedStep):
    """A recorded step whose graph is replaced by a list of operations."""

    training: Training  # a recording, unlike a list of operations, does not change its state

    def _warm_up(self, batch: Batch) -> dict[str, Tensor]:
        return self._step(batch)

    def _record(self, batch: Batch) -> dict[str, Tensor]:
        leaves = tree_leaves(self.training.steps.state())
        state = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        before = [value.clone() for value in state]
        self._operations = Operations()
        with self._operations:
            terms = self._step(batch)
        for value, old in zip(state, before, strict=True):
            value.data.copy_(old)
        return terms

    def _replay(self) -> None:
        with torch.no_grad():
            self._operations.again()
