"""What changes only where and how fast a stage runs, read from the environment.

WNET_WORKERS: processes of a data stage (all cores unless set). WNET_DEVICE: the torch device (CUDA
where there is one, else the CPU). WNET_THREADS: threads of a network on the CPU; results of
training depend on it in the last bits. WNET_SCRATCH: the folder for unfinished work.
"""

import os
from pathlib import Path


def workers() -> int:
    """How many processes share the work of a data stage."""
    return _count("WNET_WORKERS", os.cpu_count() or 1)


def scratch() -> Path:
    """Where unfinished work lies."""
    return Path(os.environ.get("WNET_SCRATCH") or ".scratch")


def device() -> str:
    """The torch device that networks run on; sets the number of threads where one is asked for."""
    import torch

    if threads := _count("WNET_THREADS", 0):
        torch.set_num_threads(threads)
    wanted = os.environ.get("WNET_DEVICE")
    if wanted and wanted.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(
            f"WNET_DEVICE={wanted}: no CUDA device is usable here; unset it or use cpu"
        )
    return wanted or ("cuda" if torch.cuda.is_available() else "cpu")


def _count(variable: str, default: int) -> int:
    text = os.environ.get(variable)
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"{variable}={text}: give a whole number of at least 1")
    return int(text)
