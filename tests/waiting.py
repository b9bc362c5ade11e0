"""Waiting for a state instead of a fixed time, so that a slow machine takes longer but passes."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")

HANG = 1800  # seconds after which something that should end is said to hang


def until(state: Callable[[], Result], seen: Callable[[], object] = str) -> Result:
    """Poll a state until it is true, and return it; a hang fails with the output of `seen`.

    A `state` that can no longer be reached should raise AssertionError itself.
    """
    end = time.monotonic() + HANG
    while not (found := state()):
        assert time.monotonic() < end, f"hangs: {seen()}"
        time.sleep(0.02)
    return found


def aside(work: Callable[[], Result]) -> "Future[Result]":
    """Run work in a thread; get `result(HANG)`. A thread that hangs does not keep pytest alive."""
    future = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # an assertion that failed is raised where it is asked for
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
