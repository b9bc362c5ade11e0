"""`dvc repro` killed, stopped and interrupted: no loss, no partial files, no processes left."""

import os
import shutil
import signal

import pytest
from kills import Watch, hold_crop, killed_repros, pieces, session, timed_repro
from small_project import SMALL, Project
from waiting import HANG, until

FEW = SMALL | {
    "synthesize.faces": 12,
    "recipes.sample.crop.faces_per_shard": 3,
    "runs.wnet-small.train.batch": 4,
}
SHARDS = [f"{stage}/{n:05}.h5" for stage in ("crop", "parse", "pyramid") for n in range(4)]


@pytest.fixture
def project(tmp_path):
    """A copy of the project that has not run yet."""
    project = Project(tmp_path / "project")
    project.edit(FEW)
    return project


@pytest.fixture
def ctrl_c():
    """Let started processes receive SIGINT, which they would ignore under a script's `pytest &`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def check_kills(count, seed, folder, *targets):
    """Kill `dvc repro` `count` times, in as many copies of the project as needed."""
    peaceful = Project(folder / "peaceful")
    peaceful.edit(FEW)
    seconds = timed_repro(peaceful, folder / "log", *targets)
    whole = peaceful.outputs()
    while count > 0:
        seed += 1
        project, logs = Project(folder / f"kills-{seed}"), folder / f"logs-{seed}"
        project.edit(FEW)
        logs.mkdir()
        with Watch(project) as watch:
            seen = killed_repros(project, seconds, count, seed, logs, *targets)
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
    """The lines of a log about a wait, or about a file that DVC left incomplete."""
    return [line for line in said.split("\n") if "; waiting" in line or "removed" in line[:7]]


def test_three_kills_change_nothing(tmp_path):
    check_kills(3, 1, tmp_path, "pyramid@sample-x4")


@pytest.mark.slow
def test_fifty_kills_change_nothing(tmp_path):
    check_kills(50, 2, tmp_path)


@pytest.mark.usefixtures("ctrl_c")
def test_a_signal_to_all_ends_work_that_would_never_end_with_a_line_that_says_how_to_go_on(
    project, tmp_path
):
    project.environment |= {"WNET_WORKERS": "2"}
    project.edit({"synthesize.faces": 24})
    kept = set()
    hold = hold_crop(project)
    for number in (signal.SIGINT, signal.SIGTERM):
        said = signalled(number, project, hold, tmp_path / number.name)
        assert f"stopped by {number.name}: finished work is kept, and the same command" in said
        assert "Traceback" not in said, said
        assert kept < pieces(project)
        assert len(pieces(project)) == len(kept) + 2  # the first shard of each process
        kept = pieces(project)
    project.repro("crop@sample")
    assert len(pieces(project)) == 24 / 3
    assert kept <= pieces(project)


def signalled(number, project, hold, log):
    """Signal the whole group, as Ctrl-C does, while `crop` works; what it said when all is over."""
    hold.mkdir()
    process = project.begin(log, "dvc", "repro", "crop@sample")

    def two_at_work():
        assert process.poll() is None, log.read_text()
        return len([*hold.iterdir()]) == 2

    until(two_at_work, log.read_text)
    os.killpg(process.pid, number)
    until(lambda: not session(process.pid), lambda: session(process.pid))
    assert process.wait(HANG) != 0
    shutil.rmtree(hold)
    return log.read_text()
