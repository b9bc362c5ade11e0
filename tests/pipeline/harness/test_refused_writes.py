"""A full disk, a read-only disk, a missing permission: a one-line error, and no loss."""

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_project import ROOT

from pipeline import pyramid, synthesize, train

DRAW = ["sample", "data/raw/drawn"]
TRAIN = ["sample-x4", "crop", "parse", "pyramid", "split.json", "model", "model.json"]
REDUCE = ["sample-x4", "crop", "parse", "reduced"]
NOBODY = 65534


@contextmanager
def mounted(folder: Path, options: str):
    """A small file system in memory; skips the test where mounting is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True
    )
    if made.returncode:
        pytest.skip("needs the right to mount a tmpfs: " + made.stderr.decode().strip())
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def refused(stage, arguments, *said) -> None:
    """Check that the stage ends with one line that contains all of these and how to resume."""
    result = CliRunner().invoke(stage.main, arguments)
    assert result.exit_code == 1, result.output
    (line,) = [line for line in result.output.split("\n") if line.startswith("Error: ")]
    for words in (*said, "then run the same command again"):
        assert words in line


def goes_on(stage, arguments) -> None:
    result = CliRunner().invoke(stage.main, arguments)
    assert result.exit_code == 0, result.output


def files(folder) -> dict:
    return {p.relative_to(folder): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()}


@pytest.fixture
def drawing(project, edit_params, monkeypatch):
    """Two blocks of two faces to draw."""
    edit_params({"synthesize.faces": 4, "synthesize.resolution": 128})
    monkeypatch.setattr(synthesize, "FACES_PER_BLOCK", 2)
    return project


def test_a_stage_resumes_once_there_is_space_for_unfinished_work(drawing, monkeypatch):
    goes_on(synthesize, ["sample", "undisturbed"])
    scratch = drawing / "small"
    monkeypatch.setenv("WNET_SCRATCH", str(scratch))
    with mounted(scratch, "size=160k"):
        refused(
            synthesize, DRAW, f"{scratch}/synthesize-sample-", "no space left, 0.1 MB are needed"
        )
        assert not Path(DRAW[1]).exists()
        (first,) = scratch.glob("*/out/truth/000001.h5")
        made = first.stat().st_mtime_ns
        remount(scratch, "size=2m")
        os.link(first, scratch / "kept")  # the same file, if it is not drawn again
        goes_on(synthesize, DRAW)
        assert (scratch / "kept").stat().st_mtime_ns == made
        assert (drawing / DRAW[1] / "truth/000001.h5").read_bytes() == (
            scratch / "kept"
        ).read_bytes()
    assert files(DRAW[1]) == files("undisturbed")


def test_no_space_for_the_outputs_keeps_the_finished_work(drawing, monkeypatch):
    with mounted(drawing / "data", "size=60k"):
        refused(synthesize, DRAW, "data/raw/drawn: no space left", "MB free in")
        assert not Path(DRAW[1]).exists()
        remount(drawing / "data", "size=2m")
        monkeypatch.setattr(synthesize, "render", None)  # nothing is drawn again
        goes_on(synthesize, DRAW)
        assert len(files(DRAW[1])) == 4 + 3 + 1


def test_no_space_for_a_checkpoint_leaves_the_one_before_it(prepared, monkeypatch):
    goes_on(train, [*TRAIN[:5], "undisturbed", "undisturbed.json"])
    scratch = prepared / "small"
    monkeypatch.setenv("WNET_SCRATCH", str(scratch))
    with mounted(scratch, "size=64m"):
        room = scratch / "room"
        room.write_bytes(bytes(63_000_000))
        refused(train, TRAIN, "checkpoint.pt: no space left", "MB are needed and", "MB free in")
        assert not Path("model").exists()
        room.unlink()
        goes_on(train, TRAIN)
    assert files("model") == files("undisturbed")


def test_a_read_only_file_system_is_reported(prepared):
    with mounted(prepared / "reduced", "size=1m,ro"):
        target = "reduced/x4"
        refused(pyramid, [*REDUCE[:3], target], f"{target}: the file system is read-only")
    goes_on(pyramid, REDUCE)


def test_a_missing_permission_is_reported(prepared):
    """Root may write anywhere, so there the stage runs as another user."""
    goes_on(pyramid, [*REDUCE[:3], "first"])  # all is imported while it may be read
    locked = prepared / "locked"
    locked.mkdir(mode=0o555)
    for path in (prepared, prepared / ".scratch", *(prepared / ".scratch").iterdir()):
        path.chmod(0o777)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        user = os.geteuid()
        refused(pyramid, [*REDUCE[:3], "locked/x4"], f"locked/x4: user {user} may not write there")
    finally:
        if root:
            os.seteuid(0)
    goes_on(pyramid, REDUCE)


def test_a_limit_on_file_size_is_reported(prepared):
    limited = subprocess.run(
        [sys.executable, "-m", "pipeline.pyramid", *REDUCE],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        capture_output=True,
        text=True,
    )
    assert limited.returncode == 1
    assert "00000.h5: a file of 0.1 MB is more than this process may write" in limited.stderr
    assert "Traceback" not in limited.stderr
    goes_on(pyramid, REDUCE)
