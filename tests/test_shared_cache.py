"""A shared cache, two runs in one checkout, damage in the cache: errors, but no corruption."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from small_project import SMALL, Project
from waiting import HANG, until

from pipeline.harness import locks
from wnet.data.shards import Shards

FEW = SMALL | {"synthesize.faces": 4, "recipes.sample.crop.faces_per_shard": 2}
CROPS = Path("data/crop/sample")
GROUP, USERS = 54321, (54322, 54323)


def objects(cache: Path) -> list[Path]:
    return [path for path in (cache / "files/md5").rglob("*") if path.is_file()]


def altered(cache: Path) -> list[Path]:
    """The objects of the cache whose content does not match their name."""
    named = {path: path.parent.name + path.name.removesuffix(".dir") for path in objects(cache)}
    return [path for path, name in named.items() if digest(path) != name]


def digest(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


def share(project: Project, cache: Path) -> None:
    """Set up a cache for several people, as in docs/team.md."""
    for setting in (("cache.shared", "group"), ("cache.type", "reflink,symlink")):
        project.call("dvc", "config", "--local", *setting)
    project.call("dvc", "cache", "dir", "--local", str(cache))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose crops were made while a second `dvc repro` asked for them."""
    project = Project(tmp_path_factory.mktemp("shared") / "one")
    project.edit(FEW)
    return project


def test_a_second_run_in_one_checkout_is_refused_and_the_first_succeeds(
    project, tmp_path, monkeypatch
):
    """Its first stage waits, so that it is running during the second."""
    monkeypatch.setenv("WNET_SCRATCH", str(project.folder / ".scratch"))
    first, second = tmp_path / "first", tmp_path / "second"
    with locks.exclusive("synthesize-sample"):
        run = project.begin(first, "dvc", "repro", "crop@sample")

        def at_work():
            assert run.poll() is None, first.read_text()
            return "runs in another process; waiting for its end" in first.read_text()

        until(at_work, first.read_text)
        assert project.begin(second, "dvc", "repro", "crop@sample").wait(HANG) != 0
    said = second.read_text()
    assert re.search(r"is busy, it is being blocked by:\s+\(PID \d+\): .*dvc repro", said), said
    assert "Traceback" not in said
    assert run.wait(HANG) == 0, first.read_text()
    assert project.repro("crop@sample") == set()
    assert altered(project.folder / ".dvc/cache") == []


@pytest.mark.slow
def test_damage_in_the_cache_is_found_by_dvc_or_by_the_stage_that_reads_it(project, tmp_path):
    """Two cases in one test, since the second needs the state that the first leaves."""
    project.repro("crop@sample")
    before = project.hashes()
    shard, cache = project.folder / CROPS / "00000.h5", project.folder / ".dvc/cache"
    place = Shards(shard.parent).mapped("hr")[0].base.offset + 50
    damaged = cache / "files/md5" / digest(shard)[:2] / digest(shard)[2:]

    def damage(kept_time: bool) -> None:
        times, content = damaged.stat(), bytearray(damaged.read_bytes())
        content[place] ^= 1
        damaged.chmod(0o644)
        damaged.write_bytes(content)  # the workspace's file is a link to it
        if kept_time:
            damaged.chmod(times.st_mode)
            os.utime(damaged, ns=(times.st_atime_ns, times.st_mtime_ns))

    damage(kept_time=False)  # a user wrote into it: DVC notices and runs the stage again
    shutil.rmtree(project.folder / CROPS)
    assert project.repro("crop@sample") == {"crop@sample"}
    assert project.hashes() == before
    assert altered(cache) == []

    damage(
        kept_time=True
    )  # the disk altered it: DVC trusts a read-only file with an unchanged time
    assert project.repro("crop@sample") == set()
    log = tmp_path / "log"
    assert project.begin(log, "dvc", "repro", "parse@sample").wait(HANG) != 0
    assert f"Error: {CROPS}/00000.h5: column hr is altered" in log.read_text()

    found = subprocess.run(
        ["find", "-L", str(cache), "-samefile", str(shard), "-print", "-delete"],
        capture_output=True,
        text=True,
    )
    assert found.stdout.strip() == str(damaged)
    shutil.rmtree(project.folder / CROPS)
    assert project.repro("crop@sample") == {"crop@sample"}
    assert project.hashes() == before
    assert altered(cache) == []


@pytest.mark.slow
def test_two_checkouts_run_at_once_on_one_cache(tmp_path):
    projects, cache = [Project(tmp_path / name) for name in ("one", "two")], tmp_path / "cache"
    for one in projects:
        one.edit(FEW)
        share(one, cache)
    logs = [tmp_path / f"{one.folder.name}.log" for one in projects]
    target = "pyramid@sample-x4"
    runs = [one.begin(log, "dvc", "repro", target) for one, log in zip(projects, logs, strict=True)]
    for run, log in zip(runs, logs, strict=True):
        assert run.wait(HANG) == 0, log.read_text()
    one, two = projects
    assert one.hashes() == two.hashes()
    assert one.outputs() == two.outputs()
    assert len(objects(cache)) > 15
    assert altered(cache) == []
    shutil.rmtree(two.folder / "data")
    assert two.repro(target) == set()
    for path in (two.folder / CROPS).iterdir():
        assert path.is_symlink()
        assert not path.stat().st_mode & 0o222  # shared objects cannot be changed by accident


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to try as two users of one group")
def test_a_shared_cache_is_the_groups(project):
    """Every member can add to the folders; objects are readable by all and writable by none."""
    cache = Path(tempfile.mkdtemp())  # a folder that other users can enter, unlike pytest's
    try:
        os.chown(cache, USERS[0], GROUP)
        cache.chmod(0o2775)
        share(project, cache)
        project.repro("-f", "-s", "synthesize")
        made = objects(cache)
        assert len(made) > 4
        for path in made:
            assert path.stat().st_mode & 0o777 == 0o444
            assert path.stat().st_gid == GROUP
            assert path.parent.stat().st_mode & 0o7777 == 0o2775
        for user in USERS:
            asked = 'cat "$1" > /dev/null && touch "$2/new-$3" && ! echo x 2>/dev/null >> "$1"'
            tried = subprocess.run(
                ["sh", "-c", asked, "sh", str(made[0]), str(made[0].parent), str(user)],
                user=user, group=GROUP, extra_groups=[], capture_output=True, text=True,
            )  # fmt: skip
            assert tried.returncode == 0, tried.stderr
    finally:
        shutil.rmtree(cache)
