"""`dvc repro` killed, stopped and interrupted: nothing lost, nothing half, nobody left behind."""

import os
import signal
import time

import pytest
from kills import Watch, killed_repros, pieces, session, timed_repro
from small_project import SMALL, Project

FEW = SMALL | {
    "synthesize.faces": 12,
    "recipes.sample.crop.faces_per_shard": 3,
    "runs.wnet-small.train.batch": 4,
}
SHARDS = [f"{stage}/{n:05}.h5" for stage in ("crop", "parse", "pyramid") for n in range(4)]
SECONDS_TO_STOP = 5


@pytest.fixture
def project(tmp_path):
    """A copy of the project that has not run yet."""
    project = Project(tmp_path / "project")
    project.edit(FEW)
    return project


def check_kills(count, seed, folder, *targets):
    """In as many copies of the project as it takes to kill `count` times."""
    peaceful = Project(folder / "peaceful")
    peaceful.edit(FEW)
    seconds = timed_repro(peaceful, folder / "log", *targets)
    whole = peaceful.outputs()
    while count > 0:
        project, logs = Project(folder / f"kills-{count}"), folder / f"logs-{count}"
        project.edit(FEW)
        logs.mkdir()
        with Watch(project) as watch:
            seen = killed_repros(project, seconds, count, seed + count, logs, *targets)
        for one in seen:
            print(f"{one['hit']:8}{one['at']:28}{one['delay']}", *remarks(one["log"].read_text()))
            for name, digest in one["outputs"].items():
                assert digest in (whole.get(name), "gone"), f"{name} is half: {one}"
        # Four shards of faces, of maps and of reduced faces, each made once.
        assert sorted(name for name, _ in watch.seen) == sorted(SHARDS)
        assert project.hashes() == peaceful.hashes()
        assert project.outputs() == whole
        assert project.repro(*targets) == set()
        count -= len(seen) - 1


def remarks(said):
    """Lines of a log that tell of a wait, or of a file that DVC left half."""
    return [line for line in said.split("\n") if "; waiting" in line or "removed" in line[:7]]


def test_three_kills_change_nothing(tmp_path):
    check_kills(3, 1, tmp_path, "pyramid@sample-x4")


@pytest.mark.slow
def test_fifty_kills_change_nothing(tmp_path):
    check_kills(50, 2, tmp_path)


def test_a_signal_to_all_ends_it_in_time_with_a_line_that_says_how_to_go_on(project, tmp_path):
    """While `crop` works in two processes: the whole group is signalled, as by Ctrl-C."""
    project.environment |= {"WNET_WORKERS": "2"}
    project.edit({"synthesize.faces": 96})  # shards enough for `crop` to be at work for a while
    kept = set()
    for number in (signal.SIGINT, signal.SIGTERM):
        log = tmp_path / number.name
        process = project.begin(log, "dvc", "repro", "crop@sample")
        while len(pieces(project)) == len(kept):
            assert process.poll() is None, log.read_text()
            time.sleep(0.01)
        os.killpg(process.pid, number)
        at = time.monotonic()
        while session(process.pid):
            assert time.monotonic() - at < SECONDS_TO_STOP, session(process.pid)
            time.sleep(0.05)
        said = log.read_text()
        assert f"stopped by {number.name}: finished work is kept, and the same command" in said
        assert "Traceback" not in said
        assert process.wait() != 0
        assert kept < pieces(project)
        kept = pieces(project)
    project.repro("crop@sample")
    assert len(pieces(project)) == 96 / 3
    assert kept <= pieces(project)
