"""Training in several processes equals one process that sees their shares in turn."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from small_project import ROOT
from waiting import HANG, until

from pipeline.settings import params
from pipeline.training_set import TrainingSet
from wnet.data.batches import Batch
from wnet.networks.by_name import build
from wnet.networks.wnet.objective import WNetObjective
from wnet.training.processes import Processes
from wnet.training.saved_state import SavedState

ARGUMENTS = ["sample-x4", "crop", "parse", "pyramid", "split.json"]
EPOCHS, BATCH = 3, 4
ENDLESS = 10**6  # epochs, the largest allowed number


def train(folder: Path, out: str, **environment: str) -> subprocess.Popen:
    """The stage in its own process, as DVC would run it, with one thread per process."""
    settings = {"WNET_TORCHRUN": "--standalone --nproc-per-node 2", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline.train", *ARGUMENTS, out, f"{out}.json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def alone(folder: Path) -> tuple[list[float], dict[str, torch.Tensor]]:
    """Losses by epoch and last weights of a plain loop that passes the halves of a batch
    separately.

    BatchNorm's running means are those of the first halves, as in the first process.
    """
    run = params.load().runs["wnet-small"]
    faces = TrainingSet(
        *(folder / name for name in ("crop", "parse", "pyramid", "split.json")), 4
    ).faces("train", "cpu")
    torch.manual_seed(run.train.seed)
    network, loss = build("wnet", run.model, 4), WNetObjective(run.loss, None)
    optimizer = torch.optim.Adam(
        network.parameters(), lr=run.train.learning_rate, betas=(0.9, 0.99)
    )
    history, done, steps = [], 0, EPOCHS * (len(faces) // BATCH)
    for epoch in range(EPOCHS):
        totals = []
        for batch in faces.shuffled(run.train.seed, epoch, BATCH, run.train.flip, 0):
            optimizer.param_groups[0]["lr"] = (
                run.train.learning_rate * 0.5 * (1 + np.cos(np.pi * done / steps))
            )
            optimizer.zero_grad()
            for half in (slice(2, 4), slice(0, 2)):
                running = {k: v.clone() for k, v in network.named_buffers()}
                part = Batch(*(column[half] for column in batch))
                total = loss(network(part.lr), part)["total"]
                (total / 2).backward()
                totals.append(total.item())
                if half.start == 2:
                    for name, buffer in network.named_buffers():
                        buffer.copy_(running[name])
            optimizer.step()
            done += 1
        history.append(np.mean(totals))
    return history, network.state_dict()


@pytest.fixture
def small(prepared, edit_params):
    keys = {"width": 8, "attention_reduction": 2}
    edit_params({f"runs.wnet-small.model.{key}": value for key, value in keys.items()})
    edit_params({"runs.wnet-small.train.epochs": EPOCHS, "runs.wnet-small.train.batch": BATCH})
    return prepared


def test_two_processes_train_as_one_that_averages_the_halves(small):
    process = train(small, "two")
    output = process.communicate(timeout=HANG)[0]
    assert process.returncode == 0, output
    losses, weights = alone(small)
    table = (small / "two/curves/train/total.tsv").read_text().split("\n")[1:-1]
    # Sums in another order differ in the last bits of float32, which training amplifies slightly.
    np.testing.assert_allclose([float(row.split("\t")[1]) for row in table], losses, rtol=1e-4)
    if json.loads((small / "two/training.json").read_text())["best_epoch"] == EPOCHS:
        found = load_file(small / "two/network/model.safetensors")
        for name, value in weights.items():
            torch.testing.assert_close(found[name], value, rtol=1e-2, atol=1e-4)
    journal = (small / ".scratch/journal.jsonl").read_text()
    assert json.loads(journal)["processes"] == 2


def test_a_killed_process_is_reported_and_the_same_command_resumes(small, edit_params):
    edit_params({"runs.wnet-small.train.epochs": ENDLESS})
    process = train(small, "two")
    checkpoint = until(lambda: saved_by(process, small))
    os.kill(worker_of(process.pid, rank="1"), signal.SIGKILL)
    output = process.communicate(timeout=HANG)[0]
    assert process.returncode == 1
    assert "process 1 of the training ended with SIGKILL" in output
    assert "resumes from the last checkpoint" in output
    assert not (small / "two").exists()
    before = rows_of(checkpoint)
    assert len(before) >= 1
    again = train(small, "two")
    until(lambda: again.poll() is not None or len(rows_of(checkpoint)) > len(before))
    again.terminate()
    output = again.communicate(timeout=HANG)[0]
    assert again.returncode == 128 + signal.SIGTERM
    assert "stopped by SIGTERM: finished work is kept, and the same command resumes" in output
    after = rows_of(checkpoint)
    assert len(after) > len(before)
    assert after[: len(before)] == before


def saved_by(process: subprocess.Popen, folder: Path) -> Path | None:
    """The first checkpoint of a training, once it is there."""
    assert process.poll() is None, process.communicate()[0]
    return next(folder.glob(".scratch/train-*/checkpoint.pt"), None)


def rows_of(checkpoint: Path) -> list[dict]:
    """The history in a checkpoint, which a training may replace at any time."""
    return SavedState(checkpoint).load()["progress"]["history"]


def worker_of(parent: int, rank: str) -> int:
    """The process of that rank below another."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes().decode().split("\0")
                above = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
            except (OSError, IndexError):
                continue
            if f"RANK={rank}" in environment and above == str(parent):
                return int(entry.name)
    raise AssertionError(f"no process of rank {rank}")


def test_shares_divide_a_batch():
    shares = [Processes(rank, 3).share(12) for rank in range(3)]
    assert [list(range(12))[share] for share in shares] == [
        [0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]
    ]  # fmt: skip


def test_arguments_that_torchrun_refuses_are_reported(small):
    process = train(small, "two", WNET_TORCHRUN="--no-such-option 2")
    output = process.communicate(timeout=HANG)[0]
    assert process.returncode == 1
    assert "WNET_TORCHRUN=--no-such-option 2: torchrun does not accept this" in output


def test_a_batch_that_cannot_be_shared_is_reported(small, edit_params):
    edit_params({"runs.wnet-small.train.batch": 3})
    process = train(small, "two")
    output = process.communicate(timeout=HANG)[0]
    assert process.returncode == 1
    assert "train.batch = 3 cannot be shared by 2 processes" in output
