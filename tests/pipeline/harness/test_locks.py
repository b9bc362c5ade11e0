"""Locks: a stage runs alone, waits for blocks of a killed stage, and leaves no process behind."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from small_project import ROOT
from waiting import HANG, aside, until

from pipeline.harness import locks, parallel, scratch

BLOCKS = """
import os, threading
from pathlib import Path
from pipeline.harness import parallel, scratch

def work(block):
    Path(f"worker-{os.getpid()}").touch()
    threading.Event().wait()

if __name__ == "__main__":
    with scratch.workspace("crop", "a", [], {}):
        parallel.map_blocks(work, [1, 2], [1, 1], "crop")
"""


@pytest.fixture
def stage(project):
    """A stage with two processes at work that never ends: itself, and the ids of its processes."""
    Path("blocks.py").write_text(BLOCKS)
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "WNET_WORKERS": "2",
    }
    process = subprocess.Popen(
        [sys.executable, "blocks.py"], env=environment, stderr=subprocess.PIPE, text=True
    )

    def both_at_work():
        assert process.poll() is None, process.stderr.read()
        return len([*Path().glob("worker-*")]) == 2

    until(both_at_work)
    yield process, [int(path.name.split("-")[1]) for path in Path().glob("worker-*")]
    process.kill()


def check_end(pids) -> None:
    until(lambda: not any(map(lives, pids)))


def lives(pid) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_processes_end_with_their_killed_stage_and_the_next_run_begins_after_them(stage):
    process, workers = stage
    process.kill()

    def next_run():
        with (
            scratch.workspace("crop", "a", [], {}),
            locks.current_claim().path.open() as file,
        ):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # no block is worked on

    aside(next_run).result(HANG)
    check_end(workers)


def test_ctrl_c_is_not_for_the_processes_of_a_stage(stage):
    for pid in stage[1]:
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
        assert int(status["SigBlk"], 16) >> (signal.SIGINT - 1) & 1


def test_a_killed_process_of_a_stage_is_reported_with_the_remedy(stage):
    process, workers = stage
    os.kill(workers[0], signal.SIGKILL)
    said = process.communicate(timeout=HANG)[1]
    assert process.returncode == 1
    assert "ProcessEnded: crop: one of its processes was killed" in said
    assert "the same command resumes after the finished blocks" in said
    check_end(workers)


def test_a_block_that_was_begun_is_waited_for_and_one_that_was_not_is_not_begun(project, said):
    """As on a Dask worker, which outlives the stage that sent it a block."""
    with scratch.workspace("crop", "a", [], {}):
        claim = locks.current_claim()
    begun, end, order = threading.Event(), threading.Event(), []

    def work(block):
        begun.set()
        assert end.wait(HANG)
        order.append("block")

    def next_run():
        with scratch.workspace("crop", "a", [], {}):
            order.append("next run")
            with pytest.raises(locks.ClaimLost, match="another run has taken over"):
                claim.do(order.append, "too late")

    orphan = aside(lambda: claim.do(work, 1))
    assert begun.wait(HANG)
    waiting = aside(next_run)
    until(lambda: said or waiting.done())
    assert "a killed run's processes finish their blocks; waiting" in said[0]
    end.set()
    orphan.result(HANG)
    waiting.result(HANG)
    assert order == ["block", "next run"]


def test_blocks_are_worked_on_under_the_claim_of_their_workspace(project):
    seen = []

    def work(block):
        seen.append(locks.current_claim())
        with locks.current_claim().path.open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return block

    with scratch.workspace("crop", "a", [], {}):
        assert parallel.map_blocks(work, [1, 2], [1, 1], "crop") == [1, 2]
    assert seen[0] is not None
    assert locks.current_claim() is None


@contextmanager
def finished(**changes):
    """A workspace of a stage run by DVC, which leaves one piece."""
    asked = {"stage": "crop", "item": "a", "inputs": [], "record": {}} | changes
    with scratch.workspace(**asked) as folder:
        yield (folder / "piece").exists()
        scratch.write_text(folder / "piece", "done")
        scratch.publish(folder / "piece", Path("out"))


def record(seconds) -> None:
    """Set the time of dvc.lock, as DVC would write it, this many seconds after the finished
    work."""
    (note,) = Path(".scratch").glob(f"crop-a-*/{scratch.FINISHED}")
    Path("dvc.lock").touch()
    os.utime("dvc.lock", ns=(note.stat().st_mtime_ns + seconds * 10**9,) * 2)


def test_pieces_stay_until_dvc_has_recorded_the_outputs(project, monkeypatch):
    """If DVC is killed after the stage, it removes the outputs and runs the stage again."""
    monkeypatch.setenv("DVC_STAGE", "crop@a")
    for found in (False, True):
        with finished() as there:
            assert there is found
        Path("out").unlink()
    record(1)
    with finished() as there:  # recorded, and run once more: `dvc repro -f`
        assert not there
    record(-1)
    scratch.drop_recorded()
    assert [path for path in Path(".scratch").iterdir() if path.is_dir()]
    record(1)
    with locks.exclusive("crop-a"):
        scratch.drop_recorded()  # a process works there
    assert [path for path in Path(".scratch").iterdir() if path.is_dir()]
    scratch.drop_recorded()
    assert not [path for path in Path(".scratch").iterdir() if path.is_dir()]


def test_without_dvc_nothing_stays(project, monkeypatch):
    monkeypatch.delenv("DVC_STAGE", raising=False)
    with finished():
        pass
    assert Path("out").read_text() == "done"
    assert not [path for path in Path(".scratch").iterdir() if path.is_dir()]
