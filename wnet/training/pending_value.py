"""A number that the device may still be computing."""

import torch
from torch import Tensor


class PendingValue:
    """A scalar that can be read later without waiting for work queued in the meantime.

    Its copy to the host is queued at once, directly after its computation.
    """

    def __init__(self, scalar: Tensor):
        self._copy = scalar.detach().to("cpu", non_blocking=True)
        self._copied: torch.cuda.Event | None = None
        if scalar.is_cuda:
            self._copied = torch.cuda.Event()
            self._copied.record(torch.cuda.current_stream(scalar.device))

    def value(self) -> float:
        """The number; waits until it is computed."""
        if self._copied is not None:
            self._copied.synchronize()
        return self._copy.item()
