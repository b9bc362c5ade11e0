"""All that a GPU can tell about this project: one command, at most eight minutes.

    python benchmarks/gpu_card.py

It needs PyTorch, NumPy, h5py, OpenCV, pydantic, ruamel.yaml and the networks' own packages alone
(docs/gpu.md). Parts run most valuable first, each in a process of its own, so that none can end the
others; what the time does not allow is named. The table and the figures are written after each part
to benchmarks/results/gpu_<device>.md and .json. Without a card it runs in a reduced form, which
shows that every part works and measures nothing.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from card.part import Card, Row, line

ROOT = Path(__file__).resolve().parents[1]
PARTS = {  # seconds at most
    "machine:rows": 30,
    "ceilings:rows": 40,
    "cuda_tests:quick": 90,
    "steps:uncompiled_x8": 80,
    "steps:compiled_x8": 110,
    "learning:rows": 230,
    "networks:rows": 40,
    "steps:uncompiled_x4": 60,
    "steps:baselines": 40,
    "cuda_tests:slow": 120,
    "hours:rows": 15,
}
LAST = "hours:rows"  # what the others have measured is always summed up
LEAST = 5.0  # seconds a part needs to begin
HEAD = "| part | what | figures |\n|---|---|---|"


def main() -> int:
    """Run the parts, or the one that a process was started for; 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=8.0, help="all parts together")
    parser.add_argument("--device", choices=["cuda", "cpu"], help="the card where there is one")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results")
    parser.add_argument(
        "--record-cpu", action="store_true", help="learn what a card is compared to"
    )
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--until", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    if asked.record_cpu:
        import_module("card.learning").record_cpu()
        return 0
    if asked.part:
        return _one(asked)
    return _all(asked)


def _one(asked: argparse.Namespace) -> int:
    """Run a part; its rows are appended to the file as they come."""
    earlier = [json.loads(row) for row in asked.rows.read_text(encoding="utf-8").splitlines()]
    card = Card(asked.device, asked.device == "cpu", asked.until, earlier)
    import_module("pipeline.harness.environment").choose_kernels()  # as a training does
    module, function = asked.part.split(":")
    with asked.rows.open("a", encoding="utf-8") as file:
        for row in getattr(import_module(f"card.{module}"), function)(card):
            print(line(row), flush=True)
            file.write(json.dumps(row) + "\n")
            file.flush()
    return 0


def _all(asked: argparse.Namespace) -> int:
    until = time.monotonic() + 60 * asked.minutes
    device = asked.device or ("cuda" if _has_card() else "cpu")
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.jsonl"
        file.touch()
        for part, seconds in PARTS.items():
            ends = until if part == LAST else until - PARTS[LAST]
            ends = min(ends, time.monotonic() + seconds * (1 if device == "cuda" else 60))
            if ended := _run(part, device, ends, file):
                row = {"part": part.split(":")[0], "what": part.split(":")[1], **ended}
                print(line(row), flush=True)
                with file.open("a", encoding="utf-8") as rows:
                    rows.write(json.dumps(row) + "\n")
            rows = [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines()]
            _write(rows, asked.out, device)
    return int(any("failed" in row for row in rows))


def _has_card() -> bool:
    import torch

    return torch.cuda.is_available()


def _run(part: str, device: str, until: float, file: Path) -> dict | None:
    """Run a part in a process of its own; why it did not end by itself, None where it did."""
    if until - time.monotonic() < LEAST:
        return {"skipped": "no time is left"}
    command = [sys.executable, str(Path(__file__)), "--part", part, "--device", device]
    command += ["--until", str(until), "--rows", str(file)]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        code = process.wait(timeout=until - time.monotonic())
    except subprocess.TimeoutExpired:
        return {"skipped": "its time ended before the rest of it"}
    finally:
        _end(process)
    return {"failed": f"its process ended with {code}"} if code else None


def _end(process: subprocess.Popen) -> None:
    """End a part with all the processes that it has started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _write(rows: list[Row], folder: Path, device: str) -> None:
    named = (row["figures"]["name"] for row in rows if "name" in row.get("figures", {}))
    name = "_".join(next(named, "unknown" if device == "cuda" else "reduced").split())
    folder.mkdir(parents=True, exist_ok=True)
    table = "\n".join([HEAD, *map(line, rows)]) + "\n"
    (folder / f"gpu_{name}.md").write_text(table, encoding="utf-8")
    (folder / f"gpu_{name}.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
