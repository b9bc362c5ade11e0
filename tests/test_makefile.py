"""`make` says where it has changed files that git keeps."""

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


def test_other_results_are_said_in_a_line(clone):
    lines = [line for line in made(clone, "ours").splitlines() if "dvc.lock and metrics/" in line]
    assert len(lines) == 1
    assert "git checkout dvc.lock metrics" in lines[0]


def test_the_same_results_need_none(clone):
    assert "dvc.lock and" not in made(clone, "theirs")


def test_the_scores_are_the_last_that_is_said(clone):
    assert made(clone, "ours").splitlines()[-1] == "wnet scores"


def test_without_git_there_is_nothing_to_say(clone):
    shutil.rmtree(clone / ".git")
    assert "dvc.lock and" not in made(clone, "ours")
