"""benchmarks/gpu_card.py in its reduced form, with the packages of a bare machine."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from small_project import ROOT

# What the rest of the project needs, and what the networks' packages import besides them.
ABSENT = (
    "click", "dask", "dlib", "dvc", "dvclive", "face_recognition_models", "joblib", "matplotlib",
    "numba", "pandas", "psutil", "scipy", "skimage", "sklearn", "tqdm", "xxhash",
)  # fmt: skip
BARE = f"""
from importlib.machinery import PathFinder

find = PathFinder.find_spec
PathFinder.find_spec = classmethod(
    lambda cls, name, *rest: None if name.split(".")[0] in {ABSENT} else find(name, *rest)
)
"""
MEASURED = {
    "machine", "ceilings", "cuda tests", "steps x8", "real data x8", "learning", "networks",
    "tuned x8", "baselines", "hours, extrapolated",
}  # fmt: skip
ON_A_CARD = {
    "kernels_x8", "eager_x8", "recorded_x4", "slow", "compile_small", "compile_middle",
    "compiled_x8",
}  # fmt: skip


def command(folder: Path, *options: str) -> tuple[int, str, list[dict]]:
    """Run it as on a bare machine: exit code, output, and the rows."""
    (folder / "bare").mkdir()
    (folder / "bare/sitecustomize.py").write_text(BARE)
    settings = {"PYTHONPATH": str(folder / "bare"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "benchmarks/gpu_card.py", "--device", "cpu", "--out", folder, *options],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    rows = json.loads((folder / "gpu_reduced.json").read_text())
    table = (folder / "gpu_reduced.md").read_text().splitlines()
    assert len(table) == len(rows) + 2
    assert set(table[2:]) <= set(done.stdout.splitlines())
    return done.returncode, done.stdout + done.stderr, rows


@pytest.fixture
def part(monkeypatch):
    """The module of parts, as the command imports it."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import card.part

    return card.part


@pytest.mark.slow
def test_every_part_runs_in_its_reduced_form_on_a_bare_machine(tmp_path):
    code, said, rows = command(tmp_path, "--minutes", "600")
    assert code == 0, said
    assert not [row for row in rows if "failed" in row]
    assert {row["what"] for row in rows if row.get("skipped") == "needs a card"} == ON_A_CARD
    figures = {(row["part"], row["what"]): row["figures"] for row in rows if "figures" in row}
    assert {part for part, _ in figures} == MEASURED
    assert figures["cuda tests", "tests/cuda"]["skipped"] >= 25
    assert figures["cuda tests", "tests/cuda"]["failed"] == 0
    learnt = figures["learning", "2 steps, fp32, beside the CPU"]
    for name in ("loss", "PSNR", "SSIM"):
        assert learnt[name] == learnt[f"CPU's {name}"] > 0
    names = {what for part, what in figures if part == "networks"}
    assert names == {"FAN", "BiSeNet", "S3FD", "IR-50", "LPIPS alex", "VGG-19"}
    for (place, what), found in figures.items():
        if place == "networks":
            assert found["largest difference"] < 1e-4, what
    whole = figures["steps x8", "wnet x8, batch 1, fp32, eager, the paper's loss"]
    rate = whole["faces/s"]
    (hours,) = [f for (place, what), f in figures.items() if "hours" in place and "fp32" in what]
    assert hours["mode I: h"] == pytest.approx(168_854 * 50 / rate / 3600)
    assert hours["mode II: h"] == pytest.approx(18_000 * 100 / rate / 3600)


def test_parts_without_time_are_listed(tmp_path):
    code, _, rows = command(tmp_path, "--minutes", "0")
    assert code == 0
    assert len(rows) == 16
    assert {row["skipped"] for row in rows} == {"no time is left", "needs a card"}


def test_parts_run_again_keep_the_rows_of_the_others(tmp_path):
    kept = {"part": "machine", "what": "host", "figures": {"processors": 7}, "of": "machine:rows"}
    old = {"part": "ceilings", "what": "copy", "figures": {"GB/s": 0.0}, "of": "ceilings:rows"}
    (tmp_path / "gpu_reduced.json").write_text(json.dumps([kept, old]))
    code, said, rows = command(tmp_path, "--minutes", "600", "--only", "ceilings")
    assert code == 0, said
    assert kept in rows
    assert old not in rows
    assert {row["of"] for row in rows} == {"machine:rows", "ceilings:rows"}


def test_a_failing_variant_does_not_affect_others(part):
    def fails(error: Exception):
        def job() -> dict:
            raise error

        return job

    card = part.Card("cpu", True, time.monotonic() + 1000, [])
    jobs = [
        ("broken", fails(ZeroDivisionError("by zero"))),
        ("absent", fails(ImportError("no module x"))),
        ("large", fails(torch.OutOfMemoryError("too much"))),
        ("whole", lambda: {"faces/s": 2.0}),
    ]
    rows = {row["what"]: row for row in part.attempts(card, "p", jobs)}
    assert rows["broken"]["failed"] == "ZeroDivisionError: by zero"
    assert rows["absent"]["skipped"] == "no module x"
    assert rows["large"]["skipped"] == "needs more memory than the device has"
    assert rows["whole"] == {"part": "p", "what": "whole", "figures": {"faces/s": 2.0}}
    assert part.line(rows["whole"]) == "| p | whole | faces/s 2 |"


def test_a_variant_begins_only_if_there_is_enough_time(part):
    late = part.Card("cpu", True, time.monotonic() - 1, [])
    (row,) = part.attempts(late, "p", [("one", lambda: {"x": 1})])
    assert row["skipped"] == "0 s left, 0 s needed"
    card = part.Card("cpu", True, time.monotonic() + 1000, [])
    (row,) = part.attempts(card, "p", [("one", lambda: {"x": 1})], least=5000)
    assert "5000 s needed" in row["skipped"]


@pytest.fixture
def counts(monkeypatch) -> Iterator:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import step_counts

    return step_counts


def test_operations_and_bytes_are_those_of_what_writes_memory(counts):
    x = torch.rand(10, 10)
    with counts.Counting() as counted:
        y = x.t().reshape(100) + 1  # a view, a copy, a sum
        y.mul_(2)
        torch.empty(1000)
    assert counted.operations == 3
    assert counted.written == 3 * 400
    assert counted.read == 3 * 400


def test_arithmetic_is_that_of_the_networks_products(counts):
    faces = counts.random_faces(2, 8, 128, "cpu")
    network = counts.network_of("srcnn", 8, "cpu", {})
    training = counts.training_of("srcnn", network, faces, False, batch=2)
    work = counts.step_work(training, next(faces.batches(2)))
    kernels = 9 * 9 * 3 * 64 + 5 * 5 * 64 * 32 + 5 * 5 * 32 * 3
    assert work.flops == 3 * 2 * 2 * 128 * 128 * kernels
