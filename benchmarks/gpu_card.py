"""All measurements of this project on a GPU, in one command of at most eight minutes.

    python benchmarks/gpu_card.py

It needs only PyTorch, NumPy, h5py, OpenCV, pydantic, ruamel.yaml and the packages of the networks
(docs/gpu.md). The most valuable parts run first, each in its own process, so that no part can end
the others; parts for which there was no time are listed. The table and the figures are written to
benchmarks/results/gpu_<device>.md and .json after each part. Without a GPU it runs in a reduced
form, which measures nothing but shows that every part works.
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
TURNS = (  # parts that run simultaneously, and their time limits in seconds
    {"machine:rows": 30},
    {"ceilings:rows": 40},
    {"steps:recorded_x8": 100},
    {"cuda_tests:quick": 120, "learning:rows": 100},  # no speeds are measured in this turn
    {"steps:kernels_x8": 30},
    {"steps:eager_x8": 60},
    {"networks:rows": 60},
    {"steps:tuned_x8": 100},
    {"steps:recorded_x4": 50},
    {"steps:baselines": 50},
    # Each takes minutes; the compiled code is used by the turn that measures it.
    {"cuda_tests:slow": 600, "steps:compile_small": 400, "steps:compile_middle": 400},
    {"steps:compiled_x8": 90},
    {"hours:rows": 15},
)
NEED_A_CARD = {  # other parts show that their code works without one
    "steps:kernels_x8", "steps:eager_x8", "steps:recorded_x4", "cuda_tests:slow",
    "steps:compile_small", "steps:compile_middle", "steps:compiled_x8",
}  # fmt: skip
LAST = "hours:rows"  # always runs, to summarize the others
LEAST = 5.0  # seconds a part needs to begin
HEAD = "| part | what | figures |\n|---|---|---|"


def main() -> int:
    """Run all parts, or the one for this process; returns 1 if something failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=8.0, help="all parts together")
    parser.add_argument("--device", choices=["cuda", "cpu"], help="default: the GPU, if any")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results")
    parser.add_argument(
        "--record-cpu", action="store_true", help="learn what a card is compared to"
    )
    parser.add_argument(
        "--only", nargs="+", metavar="PART", help="parts, or their modules; other rows are kept"
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
    """Run a part and append its rows to the file as they are produced."""
    earlier = [json.loads(row) for row in asked.rows.read_text(encoding="utf-8").splitlines()]
    card = Card(asked.device, asked.device == "cpu", asked.until, earlier)
    module, function = asked.part.split(":")
    with asked.rows.open("a", encoding="utf-8") as file:
        for row in getattr(import_module(f"card.{module}"), function)(card):
            print(line(row), flush=True)
            file.write(json.dumps({**row, "of": asked.part}) + "\n")
            file.flush()
    return 0


def _all(asked: argparse.Namespace) -> int:
    until = time.monotonic() + 60 * asked.minutes
    device = asked.device or ("cuda" if _has_card() else "cpu")
    last = TURNS[-1][LAST]
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.jsonl"
        kept = _kept(asked.out, device, asked.only) if asked.only else []
        _append(file, kept)
        print(*map(line, kept), sep="\n", end="\n" * bool(kept), flush=True)
        for turn in TURNS:
            parts = [part for part in turn if _wanted(part, asked.only)]
            ends = {
                part: min(
                    until if part == LAST else until - last,
                    time.monotonic() + turn[part] * (1 if device == "cuda" else 60),
                )
                for part in parts
            }
            _append(file, _turn(ends, device, file))
            rows = [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines()]
            _write(rows, asked.out, device)
    return int(any("failed" in row for row in rows))


def _wanted(part: str, only: list[str] | None) -> bool:
    return only is None or part in only or part.split(":")[0] in only


def _kept(folder: Path, device: str, only: list[str]) -> list[Row]:
    """The rows of an earlier run, of parts that do not run now."""
    name = _name(device, _card_name() if device == "cuda" else None)
    earlier = folder / f"gpu_{name}.json"
    if not earlier.exists():
        return []
    rows = json.loads(earlier.read_text(encoding="utf-8"))
    return [row for row in rows if not _wanted(row["of"], only)]


def _append(file: Path, rows: list[Row]) -> None:
    with file.open("a", encoding="utf-8") as opened:
        opened.writelines(json.dumps(row) + "\n" for row in rows)


def _card_name() -> str:
    import torch

    return torch.cuda.get_device_name()


def _has_card() -> bool:
    import torch

    return torch.cuda.is_available()


def _turn(ends: dict[str, float], device: str, file: Path) -> list[Row]:
    """Run parts simultaneously, each in its own process; a row for each that had to be ended."""
    absent = NEED_A_CARD if device == "cpu" else set()
    said = {part: {"skipped": "needs a card"} for part in ends if part in absent}
    running = {part: _begin(part, device, ends[part], file) for part in ends if part not in said}
    said |= {part: _outcome(process, ends[part]) for part, process in running.items()}
    rows = []
    for part, outcome in said.items():
        if outcome:
            module, function = part.split(":")
            rows.append({"part": module, "what": function, **outcome, "of": part})
            print(line(rows[-1]), flush=True)
    return rows


def _begin(part: str, device: str, until: float, file: Path) -> subprocess.Popen | None:
    if until - time.monotonic() < LEAST:
        return None
    command = [sys.executable, str(Path(__file__)), "--part", part, "--device", device]
    command += ["--until", str(until), "--rows", str(file)]
    return subprocess.Popen(command, start_new_session=True)


def _outcome(process: subprocess.Popen | None, until: float) -> dict | None:
    """Why a part did not end by itself, or None."""
    if process is None:
        return {"skipped": "no time is left"}
    try:
        code = process.wait(timeout=max(until - time.monotonic(), 0.01))
    except subprocess.TimeoutExpired:
        return {"skipped": "its time ended before the rest of it"}
    finally:
        _end(process)
    return {"failed": f"its process ended with {code}"} if code else None


def _end(process: subprocess.Popen) -> None:
    """End a part and all the processes that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _write(rows: list[Row], folder: Path, device: str) -> None:
    named = (row["figures"]["name"] for row in rows if "name" in row.get("figures", {}))
    name = _name(device, next(named, None))
    folder.mkdir(parents=True, exist_ok=True)
    table = "\n".join([HEAD, *map(line, rows)]) + "\n"
    (folder / f"gpu_{name}.md").write_text(table, encoding="utf-8")
    (folder / f"gpu_{name}.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _name(device: str, card: str | None) -> str:
    return "_".join((card or ("unknown" if device == "cuda" else "reduced")).split())


if __name__ == "__main__":
    sys.exit(main())
