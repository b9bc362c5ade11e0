"""`make` reports the tracked files that it changed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parent.parent / "Makefile"


@pytest.fixture
def clone(tmp_path):
    """A repository whose `dvc repro` writes $MADE into dvc.lock."""
    shutil.copy(MAKEFILE, tmp_path)
    for name in ("setup.cfg", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/installed").touch()
    dvc = tmp_path / ".venv/bin/dvc"
    dvc.write_text('#!/bin/sh\nprintf "$MADE" > dvc.lock\n')
    dvc.chmod(0o755)
    wnet = tmp_path / ".venv/bin/wnet"
    wnet.write_text('#!/bin/sh\necho "wnet $@"\n')
    wnet.chmod(0o755)
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics/quality.json").write_text("{}")
    (tmp_path / "dvc.lock").write_text("theirs")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "dvc.lock", "metrics"], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    return tmp_path


def made(folder: Path, lock: str) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory"],
        cwd=folder,
        env={**os.environ, "MADE": lock},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("arguments", "gpu", "offered", "wheels"),
    [([], False, True, None), ([], True, False, None), (["TORCH=cpu"], False, False, "whl/cpu")],
)
def test_torch_without_cuda_is_offered_where_there_is_no_gpu(
    clone, tmp_path, arguments, gpu, offered, wheels
):
    (clone / ".venv/installed").unlink()
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "uname", "touch", "make"):
        (programs / name).symlink_to(shutil.which(name))
    if gpu:
        (programs / "nvidia-smi").symlink_to("/bin/true")
    python = programs / "python3"
    python.write_text("#!/bin/sh\n")  # which leaves .venv as it is
    pip = clone / ".venv/bin/pip"
    pip.write_text('#!/bin/sh\necho "pip $@"\n')
    for program in (python, pip):
        program.chmod(0o755)
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments, ".venv/installed"],
        cwd=clone, env={"PATH": str(programs)}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    said = [line for line in done.stdout.splitlines() if line.startswith("No NVIDIA GPU")]
    assert bool(said) == (offered and os.uname().sysname == "Linux")
    runs = [line for line in done.stdout.splitlines() if line.startswith("pip install")]
    assert all("--quiet" not in line for line in runs)
    assert runs[-1] == "pip install -c constraints.txt -e .[test]"
    assert [wheels in line for line in runs[:-1]] == ([True] if wheels else [])
    assert (clone / ".venv/installed").exists()


def test_other_results_are_reported_in_a_line(clone):
    lines = [line for line in made(clone, "ours").splitlines() if "dvc.lock and metrics/" in line]
    assert len(lines) == 1
    assert "git checkout dvc.lock metrics" in lines[0]


def test_the_same_results_need_none(clone):
    assert "dvc.lock and" not in made(clone, "theirs")


def test_the_scores_are_printed_last(clone):
    assert made(clone, "ours").splitlines()[-1] == "wnet scores"


def test_without_git_nothing_is_reported(clone):
    shutil.rmtree(clone / ".git")
    assert "dvc.lock and" not in made(clone, "ours")
