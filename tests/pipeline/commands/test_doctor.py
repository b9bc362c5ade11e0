"""`wnet doctor`: a sound project has no problems; each fault is reported with its remedy."""

import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_project import ROOT

from pipeline.commands import machine
from pipeline.commands.cli import main
from wnet.files import weights

Usage = namedtuple("Usage", "total used free")
REMOTE = "[core]\n    remote = team\n['remote \"team\"']\n    url = remote\n"


@pytest.fixture
def sound(project, monkeypatch):
    """A project of git and DVC, with a remote and a hook, before its first run."""
    shutil.copy(ROOT / "constraints.txt", project)
    monkeypatch.setattr(weights, "places", lambda: [weights.folder()])
    subprocess.run(["git", "init", "-q"], check=True)
    (project / ".git/hooks").mkdir(exist_ok=True)
    (project / ".git/hooks/pre-commit").touch()
    (project / ".dvc/tmp").mkdir(parents=True)
    configure(REMOTE)
    return project


def configure(text: str) -> None:
    """Change DVC's configuration."""
    Path(".dvc/config").write_text(text)


def lines(state: str, exit_code: int) -> list[str]:
    """The doctor's output in one state; its exit code is checked."""
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == exit_code, result.output
    said = [line.split() for line in result.output.splitlines()]
    return [" ".join(words) for found, *words in said if found == state]


def test_a_sound_project_has_no_problem_and_nothing_is_changed(sound):
    before = sorted(path for path in sound.rglob("*") if ".dvc" not in path.parts)
    said = lines("ok", 0)
    subjects = " ".join(line.split()[0] for line in said)
    assert subjects == "packages device disk disk disk remote cache git params data weights"
    assert "data data/raw/sample does not exist yet: dvc repro draws it" in said
    assert sorted(path for path in sound.rglob("*") if ".dvc" not in path.parts) == before


def test_packages_that_are_missing_or_of_other_versions(sound, monkeypatch):
    real = machine.version
    wrong = {"torch": "1.0", "numpy": "99.0"}
    monkeypatch.setattr(machine, "version", lambda name: wrong.get(name) or real(name))
    assert lines("problem", 1) == [
        "packages torch>=2.6 is required, 1.0 is installed: pip install -c constraints.txt -e ."
    ]
    (warning,) = lines("warn", 1)
    assert "numpy 99.0 (not " in warning


def test_a_missing_device(sound, monkeypatch):
    monkeypatch.setenv("WNET_DEVICE", "cuda:99")
    (line,) = lines("problem", 1)
    assert line.startswith("device WNET_DEVICE=cuda:99: ")


def test_disks_that_are_full(sound, monkeypatch):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: Usage(0, 0, 5e8))
    of_cache, of_scratch, of_weights = lines("problem", 1)
    assert of_cache.startswith("disk 0.5 GB free for cache, ")
    assert of_scratch.endswith(
        "free for scratch, .scratch; free some, or move it elsewhere: WNET_SCRATCH"
    )
    assert of_weights.endswith("WNET_WEIGHTS")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: Usage(0, 0, 5e9))
    assert len(lines("warn", 0)) == 3


def test_remotes_and_caches(sound):
    configure(REMOTE.replace("remote = team", "remote = others"))
    assert lines("problem", 1) == [
        "remote core.remote is others, which does not exist: dvc remote add others URL"
    ]
    configure("[cache]\n    type = copy\n")
    (sound / ".dvc/cache/files/md5").mkdir(parents=True)
    remote, cache = lines("warn", 0)
    assert remote.startswith("remote none, results stay on this machine: dvc remote add")
    assert "by copies: each file is on disk twice" in cache


def test_a_remote_whose_package_is_missing(sound, monkeypatch):
    dvc_s3 = pytest.importorskip("dvc_s3", reason="needs the extra `s3`")
    monkeypatch.setattr(dvc_s3.S3FileSystem, "get_missing_deps", lambda: ["s3fs"])
    configure(REMOTE.replace("url = remote", "url = s3://bucket/team"))
    (line,) = lines("problem", 1)
    assert line == "remote team, s3://bucket/team: needs a package, pip install 'dvc[s3]'"


def test_missing_hooks_and_projects(sound):
    (sound / ".git/hooks/pre-commit").unlink()
    (line,) = lines("warn", 0)
    assert line.startswith("git no hooks: `pre-commit install`")
    shutil.rmtree(sound / ".dvc")
    assert lines("problem", 1) == [
        "project no DVC project is here; run from the root of a clone of the project"
    ]


def test_a_folder_of_the_project_and_one_outside_are_named(sound, tmp_path_factory, monkeypatch):
    (sound / "data").mkdir()
    monkeypatch.chdir(sound / "data")
    here = f"{sound}/data is inside the project but not its root: cd {sound}"
    assert lines("problem", 1) == [f"project {here}"]
    monkeypatch.chdir(tmp_path_factory.mktemp("outside"))
    assert lines("problem", 1) == [
        "project no DVC project is here; run from the root of a clone of the project"
    ]
    monkeypatch.chdir(sound)
    (sound / "params.yaml").unlink()
    (line,) = lines("problem", 1)
    assert (
        line == f"project {sound} has no params.yaml; run from the root of a clone of the project"
    )


def test_a_variable_that_nothing_reads_is_named(sound, monkeypatch):
    monkeypatch.setenv("WNET_WORKER", "1")
    assert lines("warn", 0) == [
        "variables WNET_WORKER is read by nothing; did you mean 'WNET_WORKERS'?"
    ]


def test_parameters_data_and_weights(sound, edit_params):
    edit_params({"datasets": ["sample", "helen"], "quality.lpips": ["alex"]})
    said = lines("problem", 1)
    assert said[0].startswith("data data/raw/helen does not exist: put photographs")
    assert any(
        "`wnet weights fetch` downloads it" in line and "alexnet" in line for line in said[1:]
    )
    assert {line.split()[0] for line in said[1:]} == {"weights"}
    (sound / "data/crop/helen").mkdir(parents=True)
    assert not any(line.startswith("data") for line in lines("problem", 1))
    edit_params({"train.epochs": "many", "crop.resolution": 100})
    said = lines("problem", 1)
    assert any("train.epochs = 'many'" in line for line in said)
    assert any("crop.resolution = 100" in line for line in said)


def test_lists_and_their_matches(sound, edit_params):
    folder = sound / "data/raw/sample"
    folder.mkdir(parents=True)
    for number in range(20):
        (folder / f"{number}.jpg").touch()
    people = "".join(f"{number}.png p{number}\n" for number in range(20))
    (folder / "people.txt").write_text(people)
    (folder / "identity_CelebA.txt").write_text("0.jpg 1\n")
    edit_params({"recipes.sample.splits.fractions.identities": "people.txt"})
    said = [line for line in lines("ok", 0) if line.startswith("lists")]
    assert said == [
        "lists data/raw/sample/people.txt: 20 of 20 rows match one of 20 photographs"
    ]  # fmt: skip
    unused = "lists data/raw/sample/identity_CelebA.txt: named like one of CelebA's files, but not"
    assert any(line.startswith(unused) for line in lines("warn", 0))
    (folder / "people.txt").write_text(
        people.replace("p1\n", "p1\nx.jpg p1\n").replace("3.png", "z")
    )
    assert "lists data/raw/sample/people.txt: 18 of 21 rows match one of 20 photographs" in lines(
        "warn", 0
    )
    (folder / "people.txt").write_bytes("é.jpg p\n".encode("latin-1"))
    (problem,) = lines("problem", 1)
    assert problem.startswith("lists splits.sample-fractions: data/raw/sample/people.txt:1: not")
