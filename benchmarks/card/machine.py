"""The machine: device, driver, versions."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from card.part import Card, Row, attempts

PACKAGES = ("numpy", "h5py", "triton", "torchvision", "opencv-python", "opencv-python-headless")


def rows(card: Card) -> Iterator[Row]:
    """One row each of device and software."""
    jobs = [("host", _host), ("software", _software)]
    if card.on_cuda:
        jobs = [("device", _device), *jobs]
    yield from attempts(card, "machine", jobs)


def _device() -> dict:
    properties = torch.cuda.get_device_properties(0)
    return {
        "name": properties.name,
        "driver": _driver(),
        "GB": properties.total_memory / 1e9,
        "multiprocessors": properties.multi_processor_count,
        "compute capability": f"{properties.major}.{properties.minor}",
    }


def _driver() -> str:
    if not shutil.which("nvidia-smi"):
        return "not known: no nvidia-smi"
    asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=30).stdout.split()
    return said[0] if said else "not known"


def _host() -> dict:
    return {"processors": os.cpu_count(), "machine": platform.machine(), "model": _processor()}


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "not known"


def _software() -> dict:
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    versions |= {"cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {name: str(value) for name, value in versions.items()}
