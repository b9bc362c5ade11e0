"""Seconds of a device's work."""

import time
from collections.abc import Callable
from statistics import median

import torch

ROUNDS, ROUND = 3, 0.4  # timed rounds, and seconds of one


def finish(device: str) -> None:
    """Wait until the device has done all that it was asked."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def seconds(work: Callable[[], object], device: str, reduced: bool) -> float:
    """Of one call, after five that warm up: the median of rounds of many calls.

    reduced: of the first call, which measures nothing.
    """
    if reduced:
        return _round(work, device, 1)
    _round(work, device, 2)
    one = _round(work, device, 3)
    return median(_round(work, device, max(3, round(ROUND / one))) for _ in range(ROUNDS))


def _round(work: Callable[[], object], device: str, calls: int) -> float:
    finish(device)
    begun = time.perf_counter()
    for _ in range(calls):
        work()
    finish(device)
    return (time.perf_counter() - begun) / calls
