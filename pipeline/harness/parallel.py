"""Blocks of work distributed over processes, with a progress bar; results keep the order of the
blocks."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TypeVar

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError
from tqdm import tqdm

from pipeline.harness import environment
from pipeline.harness.advance import Advance, working_on
from pipeline.harness.locks import Claim, current_claim

KEPT = 32 << 20  # bytes of an array; only larger ones, such as shards, go back to the system

Block = TypeVar("Block")
Result = TypeVar("Result")


def map_blocks(
    work: Callable[[Block], Result],
    blocks: Sequence[Block],
    sizes: Sequence[int],
    label: str,
    network: bool = False,
) -> list[Result]:
    """Call `work` on every block, in as many processes as the environment allows.

    sizes: the number of faces in each block, for the rate and the time left; `work` may say how
    many of them are done (`advance`). `work` must be picklable, and its result small: large arrays
    belong in files. network: whether it runs a torch network, for which several processes on one
    GPU would be too many.
    """
    parent = None if environment.dask() else os.getpid()
    claim = current_claim()
    path = claim.path.with_suffix(".advance") if claim else None
    calls = (
        delayed(_begin)(parent, claim, path, number, work, block)
        for number, block in enumerate(blocks)
    )
    results = []
    try:
        with _processes(len(blocks), network) as run, progress(label, sum(sizes)) as bar:
            advance = Advance(bar, path, sizes)
            with advance.drawn():
                with _interrupts_for_the_parent():
                    outcomes = run(calls)
                for result in outcomes:
                    results.append(result)
                    advance.finished()
    except TerminatedWorkerError as error:
        raise ProcessEnded(
            f"{label}: one of its processes was killed, perhaps for lack of memory (WNET_WORKERS"
            " reduces their number); the same command resumes after the finished blocks"
        ) from error
    return results


class ProcessEnded(Exception):
    """A process ended before its work was done; the message says which, and how to resume."""


def _begin(
    parent: int | None,
    claim: Claim | None,
    path: Path | None,
    number: int,
    work: Callable[[Block], Result],
    block: Block,
) -> Result:
    if parent is not None and parent != os.getpid():
        _end_with(parent)
    environment.keep_freed_memory(KEPT)
    with working_on(path, number):
        return claim.do(work, block) if claim else work(block)


@lru_cache(maxsize=1)
def _end_with(parent: int) -> None:
    """Make this process end when its parent does, even if the parent is killed."""

    def watch():
        while os.getppid() == parent:
            time.sleep(0.1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _interrupts_for_the_parent() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, since their parent ends them."""
    resource_tracker.ensure_running()  # started here, it would pass on Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _processes(blocks: int, network: bool) -> Iterator[Parallel]:
    """Processes on this machine, or the workers of the Dask scheduler in WNET_DASK."""
    address = environment.dask()
    if address is None:
        yield Parallel(n_jobs=min(environment.workers(network), blocks), return_as="generator")
        return
    try:
        from distributed import Client

        client = Client(address)
    except ImportError as error:
        raise ValueError("WNET_DASK needs Dask: pip install 'wnet-fsr[dask]'") from error
    except OSError as error:
        raise ValueError(f"WNET_DASK={address}: no scheduler answers there: {error}") from error
    with client, parallel_config(backend="dask", client=client):
        yield Parallel(return_as="generator")


def progress(label: str, total: int, unit: str = "face") -> tqdm:
    """Progress with rate and time left: a bar in a terminal, else a line every ten seconds.

    A terminal that does not say how large it is, as one of a container may, has lines too.
    """
    terminal = {"file": sys.stderr, "dynamic_ncols": True}
    log = {"file": _LogLines(), "mininterval": 10, "ncols": 0}
    return tqdm(
        total=total,
        desc=label,
        unit=unit,
        unit_scale=unit == "B",
        **(terminal if _is_drawable() else log),
    )


def _is_drawable() -> bool:
    """Whether standard error is a terminal, and one that says how large it is."""
    return sys.stderr.isatty() and min(os.get_terminal_size(sys.stderr.fileno())) > 1


class _LogLines:
    """Standard error for a progress bar in a log file: lines instead of carriage returns."""

    def write(self, text: str) -> None:
        if drawn := text.strip():
            sys.stderr.write(f"{drawn}\n")

    def flush(self) -> None:
        sys.stderr.flush()


def in_blocks(items: Sequence, length: int) -> list[Sequence]:
    """Split items into consecutive blocks of up to `length`."""
    return [items[start : start + length] for start in range(0, len(items), length)]
