"""Blocks of work spread over processes, with a progress bar; results in the order of the blocks."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

from pipeline import environment

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

    sizes: how many faces each block holds, for the rate and the time left. `work` must be
    picklable, and its result small: large arrays belong into files. network: whether it runs a
    torch network, which several processes would crowd on one GPU.
    """
    calls = (delayed(work)(block) for block in blocks)
    results = []
    with _processes(len(blocks), network) as run, progress(label, sum(sizes)) as bar:
        for result, size in zip(run(calls), sizes, strict=True):
            results.append(result)
            bar.update(size)
    return results


@contextmanager
def _processes(blocks: int, network: bool) -> Iterator[Parallel]:
    """This machine's processes, or the workers of the Dask scheduler that the environment names."""
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
    """Progress with rate and time left: a bar in a terminal, a line every ten seconds elsewhere."""
    terminal = {"file": sys.stderr, "dynamic_ncols": True}
    log = {"file": _LogLines(), "mininterval": 10, "ncols": 0}
    return tqdm(
        total=total,
        desc=label,
        unit=unit,
        unit_scale=unit == "B",
        **(terminal if sys.stderr.isatty() else log),
    )


class _LogLines:
    """Standard error, for a bar that would go back to the beginning of its line at each step."""

    def write(self, text: str) -> None:
        if drawn := text.strip():
            sys.stderr.write(f"{drawn}\n")

    def flush(self) -> None:
        sys.stderr.flush()


def in_blocks(items: Sequence, length: int) -> list[Sequence]:
    """Consecutive runs of up to `length` items."""
    return [items[start : start + length] for start in range(0, len(items), length)]
