"""A team over one remote: what one of them has computed, no other computes again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_project import Checkout


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
    """The person whose machine has run the whole pipeline."""
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
    assert second.repro() == {"resolve", "landmarks@sample-x4", "report@sample-x4"}
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
