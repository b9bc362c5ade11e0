"""What DVC can run during a training, as described in docs/training.md, in a project of sleeps."""

import pytest
from ruamel.yaml import YAML
from small_project import Checkout
from waiting import HANG, until

STAGES = {
    "resolve": {
        "cmd": "cp params.yaml resolved.yaml",
        "deps": ["params.yaml"],
        "outs": [{"resolved.yaml": {"cache": False}}],
    },
    "train": {
        "cmd": "touch begun; while [ ! -e ../end ]; do sleep 0.1; done; echo trained > network",
        "params": [{"resolved.yaml": ["rate"]}],
        "outs": ["network"],
    },
    "evaluate": {
        "cmd": "cp resolved.yaml scores",
        "params": [{"resolved.yaml": ["digits"]}],
        "outs": ["scores"],
    },
}


@pytest.fixture
def training(tmp_path):
    """A project whose stage `train` runs until the file `end` exists."""
    project = Checkout(tmp_path / "project")
    project.folder.mkdir()
    project.call("git", "init", "-q")
    project.call("dvc", "init", "-q")
    YAML().dump({"rate": 1, "digits": 1}, project.folder / "params.yaml")
    YAML().dump({"stages": STAGES}, project.folder / "dvc.yaml")
    project.repro("resolve")
    (project.folder / ".gitignore").write_text("/begun\n/network\n/scores\n")
    project.commit("a project")
    running = project.begin(tmp_path / "log", "dvc", "repro", "train")
    until((project.folder / "begun").exists)
    yield project, running
    (tmp_path / "end").touch()
    running.wait(HANG)


def test_stages_named_one_by_one_run_and_both_are_recorded(training):
    project, running = training
    with pytest.raises(AssertionError, match="is busy"):
        project.repro()
    assert project.repro("--single-item", "evaluate") == {"evaluate"}
    assert running.poll() is None
    (project.folder.parent / "end").touch()
    assert running.wait(HANG) == 0
    assert project.hashes().keys() == {"resolve", "train", "evaluate"}
    assert "up to date" in project.call("dvc", "status")


def test_changed_parameters_are_tried_in_a_copy_or_in_another_clone(training):
    project, running = training
    project.call("dvc", "exp", "run", "--temp", "--name", "more", "-S", "digits=2", "evaluate")
    assert "more" in project.call("dvc", "exp", "list", "--name-only")
    assert (project.folder / "params.yaml").read_text().count("digits: 1") == 1
    clone = project.clone(project.folder.parent / "clone")
    clone.call("dvc", "cache", "dir", "--local", str(project.folder / ".dvc/cache"))
    clone.edit({"digits": 3})
    assert clone.repro("evaluate") == {"resolve", "evaluate"}
    assert running.poll() is None
