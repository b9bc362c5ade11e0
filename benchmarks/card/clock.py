"""Timing of work on a device."""

import time
from collections.abc import Callable
from statistics import median

import torch

ROUNDS, ROUND = 3, 0.4  # timed rounds, and seconds of one


def finish(device: str) -> None:
    """Wait until the device has finished all queued work."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def seconds(work: Callable[[], object], device: str, reduced: bool) -> float:
    """Seconds per call, after five warm-up calls: the median over rounds of many calls.

    reduced: the seconds of the first call, which is not a measurement.
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
