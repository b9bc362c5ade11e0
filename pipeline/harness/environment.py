"""Environment variables, which only change where and how fast a stage runs.

WNET_WORKERS: number of processes of a data stage (default: all cores; one if its network is on a
GPU). WNET_DASK: the address of a Dask scheduler, whose workers do that work instead. WNET_DEVICE:
the torch device (default: CUDA if available, else the CPU). WNET_THREADS: number of threads of a
network on the CPU; it affects the last bits of a training's results. WNET_SCRATCH: the folder for
unfinished work. WNET_COMPILE: how the steps of a training are executed: eager-graphs records the
whole step as a CUDA graph, which is the default on a single GPU; 0 runs each step as written, 1 (or
default) compiles the network, graphs does both. WNET_TORCHRUN: arguments of torchrun, to train in
several processes. WNET_DETERMINISTIC: 1 makes a GPU train bit-identically each time, but slower.
WNET_MEMORY: bytes of the device that the train set may use (default: half of the free memory).
"""

import ctypes
import os
from pathlib import Path

from pipeline.settings.spelling import meant

VARIABLES = (
    "WNET_COMPILE",
    "WNET_DASK",
    "WNET_DEBUG",
    "WNET_DETERMINISTIC",
    "WNET_DEVICE",
    "WNET_MEMORY",
    "WNET_SCRATCH",
    "WNET_THREADS",
    "WNET_TORCHRUN",
    "WNET_WEIGHTS",
    "WNET_WORKERS",
)
_OF_TESTS = ("WNET_PYTHONS", "WNET_REAL_DATA")
_EXECUTIONS = {
    "0": "eager",
    "1": "compiled",
    "default": "compiled",
    "graphs": "graphs",
    "eager-graphs": "eager-graphs",
}
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of <malloc.h>


def unknown() -> list[str]:
    """A line for each unknown WNET_ variable."""
    return [
        f"{name} is read by nothing{meant(name, VARIABLES)}"
        for name in sorted(os.environ)
        if name.startswith("WNET_") and name not in (*VARIABLES, *_OF_TESTS)
    ]


def workers(network: bool = False) -> int:
    """The number of processes of a data stage; one if its network is on a GPU."""
    one = network and device() != "cpu"
    return _count("WNET_WORKERS", 1 if one else os.cpu_count() or 1)


def dask() -> str | None:
    """The address of the Dask scheduler whose workers do the work of data stages, or None."""
    return os.environ.get("WNET_DASK") or None


def scratch() -> Path:
    """The folder for unfinished work."""
    return Path(os.environ.get("WNET_SCRATCH") or ".scratch")


def device() -> str:
    """The torch device that networks run on; also sets threads and memory handling for the CPU."""
    import torch

    if threads := _count("WNET_THREADS", 0):
        torch.set_num_threads(threads)
    wanted = os.environ.get("WNET_DEVICE")
    if wanted in (None, "", "cuda") and torch.cuda.is_available() and "LOCAL_RANK" in os.environ:
        return f"cuda:{os.environ['LOCAL_RANK']}"  # each process of torchrun has its own GPU
    if wanted and wanted.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(
            f"WNET_DEVICE={wanted}: no CUDA device is usable here; unset it or use cpu"
        )
    chosen = wanted or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.device(chosen)
    except RuntimeError as error:
        raise ValueError(
            f"WNET_DEVICE={wanted}: torch has no such device; use cpu or cuda"
        ) from error
    if chosen == "cpu":
        keep_freed_memory()
    return chosen


def keep_freed_memory(largest: int = 1 << 30) -> None:
    """Make glibc keep the memory of freed arrays of up to `largest` bytes instead of returning it
    to the system.

    By default every large array or tensor is mapped, cleared by the system and unmapped again,
    which takes a sixth of the time of a training step on the CPU, and half that of SSIM of three
    channels. Whole datasets are still returned. Other C libraries are not affected.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_M_MMAP_THRESHOLD, largest)
        mallopt(_M_TRIM_THRESHOLD, -1)


def execution(device: str, processes: int) -> str:
    """How the steps of a training are executed: a name in `wnet.training.execution`.

    On a single GPU they are recorded, which is several times as fast (docs/gpu.md).
    """
    alone = device.startswith("cuda") and processes == 1
    value = os.environ.get("WNET_COMPILE") or ("eager-graphs" if alone else "0")
    if value not in _EXECUTIONS:
        raise ValueError(f"WNET_COMPILE={value}: give one of {', '.join(_EXECUTIONS)}")
    return _EXECUTIONS[value]


def choose_kernels() -> None:
    """Make torch use its usual kernels, or deterministic ones.

    cuDNN's search for the fastest kernels is never used: it took most of a minute before the first
    step of W-Net on an H200, and the kernels that it chose were no faster (docs/gpu.md).
    """
    import torch

    same = _switch("WNET_DETERMINISTIC")
    if same:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # required by cuBLAS
    torch.use_deterministic_algorithms(same)
    torch.backends.cudnn.benchmark = False


def torchrun() -> str | None:
    """The arguments of torchrun if training processes are still to be started, else None."""
    return None if "RANK" in os.environ else os.environ.get("WNET_TORCHRUN")


def memory(device: str) -> int:
    """The number of bytes that the train set may use on the device."""
    import psutil
    import torch

    cuda = device.startswith("cuda")
    free = torch.cuda.mem_get_info(device)[0] if cuda else psutil.virtual_memory().available
    return _count("WNET_MEMORY", free // 2)


def _switch(variable: str) -> bool:
    value = os.environ.get(variable) or "0"
    if value not in ("0", "1"):
        raise ValueError(f"{variable}={value}: give 0 or 1")
    return value == "1"


def _count(variable: str, default: int) -> int:
    text = os.environ.get(variable)
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"{variable}={text}: give a whole number of at least 1")
    return int(text)
