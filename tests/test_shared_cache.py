"""Several people on one cache and two runs in one checkout: clear words, and no corruption."""

import hashlib
import os
import re
import shutil
import stat
import subprocess
import time
from pathlib import Path

import pytest
from project_copy import SMALL, Project

FEW = SMALL | {"synthesize.faces": 6, "recipes.sample.crop.faces_per_shard": 3}
TARGET = "pyramid@sample-x4"
GROUP, USERS = 54321, (54321, 54322)


def cache_objects(cache: Path) -> list[Path]:
    return [path for path in (cache / "files/md5").rglob("*") if path.is_file()]


def altered(cache: Path) -> list[Path]:
    """Objects whose content is not what their name says."""
    return [
        path
        for path in cache_objects(cache)
        if hashlib.md5(path.read_bytes()).hexdigest()
        != path.parent.name + path.name.removesuffix(".dir")
    ]


def share(project: Project, cache: Path) -> None:
    """What docs/reliability.md says for a cache that several people use."""
    for setting in (("cache.shared", "group"), ("cache.type", "reflink,symlink")):
        project.call("dvc", "config", "--local", *setting)
    project.call("dvc", "cache", "dir", "--local", str(cache))


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path / "one")
    project.edit(FEW)
    return project


def test_a_second_run_in_one_checkout_is_refused_in_words_and_the_first_ends_well(
    project, tmp_path
):
    first = project.begin(tmp_path / "first", "dvc", "repro", TARGET)
    while "Running stage 'crop" not in (tmp_path / "first").read_text():
        assert first.poll() is None, (tmp_path / "first").read_text()
        time.sleep(0.02)
    second = project.begin(tmp_path / "second", "dvc", "repro", TARGET)
    assert second.wait(120) != 0
    said = (tmp_path / "second").read_text()
    assert re.search(r"is busy, it is being blocked by:\s+\(PID \d+\): .*dvc repro", said), said
    assert "Traceback" not in said
    assert first.wait(300) == 0, (tmp_path / "first").read_text()
    assert project.repro(TARGET) == set()
    assert altered(project.folder / ".dvc/cache") == []


def test_two_checkouts_run_at_once_on_one_cache(project, tmp_path):
    other = Project(tmp_path / "two")
    other.edit(FEW)
    runs = []
    for one in (project, other):
        share(one, tmp_path / "cache")
    for one in (project, other):
        log = tmp_path / f"{one.folder.name}.log"
        runs.append((one.begin(log, "dvc", "repro", TARGET), log))
    for process, log in runs:
        assert process.wait(300) == 0, log.read_text()
    assert project.hashes() == other.hashes()
    assert project.outputs() == other.outputs()
    assert len(cache_objects(tmp_path / "cache")) > 20
    assert altered(tmp_path / "cache") == []
    shutil.rmtree(other.folder / "data")
    assert other.repro(TARGET) == set()
    for path in (other.folder / "data/crop/sample").iterdir():
        assert path.is_symlink()
        assert not os.stat(path).st_mode & 0o222  # nobody alters by chance what all share


def test_a_damaged_object_of_the_cache(project, tmp_path):
    """DVC does not look at bytes that it has seen before; the stages that read them do."""
    project.call("dvc", "repro", TARGET)
    shard = project.folder / "data/crop/sample/00000.h5"
    name = hashlib.md5(shard.read_bytes()).hexdigest()
    damaged = project.folder / ".dvc/cache/files/md5" / name[:2] / name[2:]
    damaged.chmod(0o644)
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    shutil.rmtree(project.folder / "data")
    log = tmp_path / "log"
    again = project.begin(log, "dvc", "repro", TARGET).wait(300)
    print(again, log.read_text())
    assert (project.folder / "data/crop/sample/00000.h5").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to run as two users of one group")
def test_two_users_of_one_group_share_a_cache(tmp_path_factory):
    """By a pipeline of one `cp`, since another user may not read this one's Python."""
    pytest.skip("later")
    assert stat
    assert subprocess
