"""A team with one remote: what one member has computed, no other computes again."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from small_project import Checkout, Project


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder that all can reach."""
    return tmp_path / "remote"


@pytest.fixture
def s3(monkeypatch) -> Iterator[str]:
    """The address of an S3-compatible server on the loopback, with a bucket `team`."""
    pytest.importorskip("dvc_s3", reason="needs the extra `s3`")
    server = pytest.importorskip("moto.server", reason="needs moto and flask, an S3 server")
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    address = "http://{}:{}".format(*running.get_host_and_port())
    boto3.client("s3", endpoint_url=address).create_bucket(Bucket="team")
    yield address
    running.stop()


@pytest.fixture
def first(finished, tmp_path) -> Checkout:
    """The member whose machine has run the whole pipeline."""
    return finished.copy(tmp_path / "first")


def share(person: Checkout, url: str, **settings: str) -> None:
    """Name the remote in the project's own configuration, commit, and push everything."""
    person.call("dvc", "remote", "add", "--default", "team", url)
    for key, value in settings.items():
        person.call("dvc", "remote", "modify", "team", key, value)
    person.commit("The sample's results, and the team's remote")
    person.call("dvc", "push", "--run-cache")


def test_a_folder_carries_results_both_ways(first, folder, tmp_path):
    share(first, str(folder))
    second = first.clone(tmp_path / "second")
    assert second.repro("--pull") == set()
    assert second.hashes() == first.hashes()
    assert (second.folder / "reports/sample-x4/index.html").is_file()
    assert second.call("git", "status", "--porcelain") == ""

    second.edit({"landmarks.failure": 0.01})
    pages = {"report@sample-x4", "compare@sample-fractions-x4"}
    assert second.repro() == {"resolve", "landmarks@sample-x4"} | pages
    second.commit("A stricter failure")
    second.call("dvc", "push", "--run-cache")

    first.call("git", "pull", "-q", str(second.folder), "HEAD")
    assert first.repro("--pull") == set()
    assert first.hashes() == second.hashes()


def test_an_s3_server_carries_results(s3, first, tmp_path):
    share(first, "s3://team/wnet", endpointurl=s3)
    second = first.clone(tmp_path / "second")
    second.call("dvc", "pull")
    assert second.repro() == set()
    assert second.hashes() == first.hashes()


def test_git_keeps_of_photographs_what_dvc_writes_and_nothing_else(tmp_path):
    first = Project(tmp_path / "first")
    raw = first.folder / "data/raw"
    for name in ("family/deep/1.jpg", "comic/1.heic", "2.heic", "3.jpg", "notes", "sample.json"):
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_text(name)
    (raw / "link").symlink_to(tmp_path)
    assert first.call("git", "status", "--porcelain", "-uall") == ""
    first.call("dvc", "add", "data/raw/family", "data/raw/comic")
    changed = first.call("git", "status", "--porcelain", "-uall").split()
    assert changed == ["A", "data/raw/comic.dvc", "A", "data/raw/family.dvc"]
    first.call("dvc", "remote", "add", "--default", "team", str(tmp_path / "remote"))
    first.commit("Photographs")
    assert "4 files pushed" in first.call("dvc", "push")  # two folders, of a file each
    second = first.clone(tmp_path / "second")
    second.call("dvc", "pull", "data/raw/family.dvc", "data/raw/comic.dvc")
    assert (second.folder / "data/raw/family/deep/1.jpg").read_text() == "family/deep/1.jpg"
    assert (second.folder / "data/raw/comic/1.heic").is_file()
    assert not (second.folder / "data/raw/3.jpg").exists()


def test_every_output_of_a_stage_is_ignored_by_git_unless_git_is_to_keep_it(tmp_path):
    first = Project(tmp_path / "first")
    listed = first.call("dvc", "ls", ".", "--recursive", "--dvc-only").split()
    assert "data/raw/sample.made_by.json" in listed
    ignored = first.call("git", "check-ignore", *listed).split()
    assert set(ignored) == set(listed)


def test_photographs_go_with_the_results(first, folder, tmp_path):
    """A colleague who changes the page gets the photographs of others, and the page runs again."""
    raw = first.folder / "data/raw"
    (raw / "family").mkdir()
    for path in sorted((raw / "sample").glob("*.jpg"))[:8]:
        shutil.copy(path, raw / "family")
    block = {"dataset": "family", "split": "fractions", "scale": 4}
    recipe = YAML(typ="safe").load(first.folder / "params.yaml")["recipes"]["sample"]
    first.edit(
        {
            "datasets": ["sample", "family"],
            "recipes.family": recipe,
            "pyramids.family-x4": {"dataset": "family", "scale": 4},
            "splits.family-fractions": {"dataset": "family", "split": "fractions"},
            "evaluations.sample-x4-family": {"training": "sample-x4"} | block,
        }
    )
    first.call("dvc", "add", "data/raw/family")
    assert "report@sample-x4-family" in first.repro()
    share(first, str(folder))
    second = first.clone(tmp_path / "second")
    assert second.repro("--pull") == set()
    assert second.call("git", "status", "--porcelain") == ""
    assert len(list((second.folder / "data/raw/family").iterdir())) == 8
    shutil.rmtree(second.folder / "data/raw/family")
    second.edit({"report.magnify": 2})
    pages = {"report@sample-x4", "report@sample-x4-family"}
    assert second.repro("--pull") == {"resolve"} | pages


def test_a_training_machine_pulls_no_more_than_it_needs(first, folder, tmp_path):
    share(first, str(folder))
    machine = first.clone(tmp_path / "machine")
    machine.edit({"train.seed": 9})
    stage = "train@sample-x4"
    ran = machine.repro("--pull", "--allow-missing", "--single-item", "resolve", stage)
    assert ran == {"resolve", stage}
    assert (machine.folder / "data/crop/sample").is_dir()
    assert not (machine.folder / "data/raw").exists()
    assert not (machine.folder / "results").exists()
