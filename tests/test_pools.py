"""A pool of two datasets in a small copy of the project: names, splits, and what runs again."""

import csv
import json
import shutil

import pytest
from ruamel.yaml import YAML
from small_project import Checkout

from wnet.data import splits
from wnet.data.shards import Shards

MEMBERS = {"sample": "fractions", "own": "fractions"}
POOLED = {"pool@both", "pyramid@both-x4", "train@both-x4", "reconstruct@both-x4-own"}


def add_pool(project: Checkout) -> None:
    """Add a second dataset, whose photographs have the sample's names, and a pool of both."""
    yaml = YAML()
    content = yaml.load(project.folder / "params.yaml")
    content["datasets"].append("own")
    content["recipes"]["own"] = json.loads(json.dumps(content["recipes"]["sample"]))
    content["recipes"]["own"]["splits"]["fractions"]["seed"] = 2
    own = {"dataset": "own", "split": "fractions"}
    content["splits"]["own-fractions"] = own
    content["pyramids"]["own-x4"] = {"dataset": "own", "scale": 4}
    content["pyramids"]["both-x4"] = {"dataset": "both", "scale": 4}
    content["pools"] = {
        "both": {"of": [{"dataset": name, "split": split} for name, split in MEMBERS.items()]}
    }
    both = {"dataset": "both", "split": "members", "scale": 4}
    content["trainings"]["both-x4"] = {"run": "wnet-small", **both}
    content["evaluations"]["both-x4-own"] = {"training": "both-x4", **own, "scale": 4}
    yaml.dump(content, project.folder / "params.yaml")
    raw = project.folder / "data/raw"
    (raw / "own").mkdir()
    for path in sorted((raw / "sample").glob("*.jpg"))[4:20]:
        shutil.copy(path, raw / "own")
    project.call("dvc", "add", "-q", "data/raw/own")


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory) -> Checkout:
    project = finished.copy(tmp_path_factory.mktemp("pools"))
    add_pool(project)
    project.ran = project.repro("report@both-x4-own")
    return project


def faces(project: Checkout, name: str) -> list[str]:
    return Shards(project.folder / "data/crop" / name).names.tolist()


def division(project: Checkout, split: str) -> splits.Division:
    return splits.read_split(project.folder / "data/split" / split)


def test_a_pool_has_the_faces_of_its_datasets_with_their_names_as_prefix(project):
    assert project.ran >= POOLED
    assert "train@sample-x4" not in project.ran
    named = [f"{name}/{face}" for name in sorted(MEMBERS) for face in faces(project, name)]
    assert faces(project, "both") == named
    crop = project.folder / "data/crop"
    for name in MEMBERS:
        own = Shards(crop / name)
        theirs = Shards(crop / "both").take([f"{name}/{face}" for face in own.names], "hr")
        assert (theirs["hr"] == own.take(own.names, "hr")["hr"]).all()


def test_no_pixel_is_stored_twice(project):
    for stage in ("crop", "parse"):
        for path in (project.folder / "data" / stage / "own").glob("*.h5"):
            pooled = project.folder / "data" / stage / "both" / f"own@{path.name}"
            assert pooled.samefile(path)


def test_each_dataset_keeps_its_own_split(project):
    pooled = division(project, "both/members.json")
    for subset in splits.SUBSETS:
        assert pooled[subset] == [
            f"{name}/{face}"
            for name, split in MEMBERS.items()
            for face in division(project, f"{name}/{split}.json")[subset]
        ]
    trained = json.loads((project.folder / "models/both-x4/training.json").read_text())
    assert trained["train_faces"] == len(pooled["train"])


def test_near_copies_between_the_datasets_are_listed(project):
    """The two datasets have the same photographs, but different splits."""
    pooled = division(project, "both/members.json")
    subset_of = {face: subset for subset, named in pooled.items() for face in named}
    expected = {
        face
        for face in faces(project, "own")
        if subset_of[f"own/{face}"] != subset_of[f"sample/{face}"]
    }
    with (project.folder / "data/split/both/members.near_copies.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {(row["name"], row["other"]) for row in rows} == {
        (f"own/{face}", f"sample/{face}") for face in expected
    }
    assert all(subset_of[row["name"]] == row["subset"] for row in rows)
    metrics = json.loads((project.folder / "metrics/split/both-members.json").read_text())
    assert metrics["near_copies"] == len(expected) > 0


def test_the_page_names_both_datasets_and_those_of_the_training(project):
    card = (project.folder / "reports/both-x4-own/model_card.md").read_text()
    assert "Training data, sample" in card
    assert "Training data, own" in card
    assert "faces of both, which is sample and own, (split members)" in card


def test_a_second_run_runs_nothing_and_a_change_in_one_member_what_depends_on_it(project):
    assert project.repro("report@both-x4-own") == set()
    project.edit({"pools.both.near_copies": "left out"})
    ran = project.repro("train@both-x4", "pyramid@both-x4")
    assert ran == {"resolve", "pool@both", "train@both-x4"}
    pooled = division(project, "both/members.json")
    held_out = {face.split("/")[1] for face in (*pooled["validation"], *pooled["test"])}
    assert not held_out.intersection(face.split("/")[1] for face in pooled["train"])
    (project.folder / "data/raw/own" / sorted(faces(project, "own"))[0]).unlink()
    project.call("dvc", "add", "-q", "data/raw/own")
    ran = project.repro("pyramid@both-x4", "train@sample-x4")
    assert ran == {"crop@own", "parse@own", "split@own-fractions", "pool@both", "pyramid@both-x4"}
