"""A whole `dvc repro` in a small copy of the project: what runs, what does not, what comes back."""

import json
import re
import shutil

import pytest
from ruamel.yaml import YAML
from small_project import ROOT, Checkout, Project

PREPARED = {"crop@sample", "parse@sample", "pyramid@sample-x4", "split@sample-fractions"}
SCORES = {f"{stage}@sample-x4" for stage in ("quality", "landmarks", "identity", "report")}
COMPARED = "compare@sample-fractions-x4"
SCORES |= {"index", COMPARED}
TRAINED = {"train@sample-x4", "reconstruct@sample-x4"} | SCORES
ALL = {"resolve", "synthesize", "bicubic", "reference@sample-fractions"} | PREPARED | TRAINED

# What changes of params.yaml make run again; tests/pipeline/test_resolve.py has them one by one.
REACH = {
    "the loss": ({"loss.pixel": 0.9}, TRAINED),
    # The same faces come out: no data is stale.
    "a crop rule": ({"crop.min_side": 1}, {"crop@sample", "report@sample-x4"}),
    "what is counted, scored and shown": (
        {
            "quality.protocols": ["dic"],
            "landmarks.failure": 0.01,
            "identity.thresholds": 11,
            "parse.degenerate_below": 0.9,
            "report.magnify": 2,
            "compare.faces": 3,
            "pyramids.sample-x2": {"dataset": "sample", "scale": 2},
        },
        {"quality@sample-x4", "landmarks@sample-x4", "identity@sample-x4", "parse@sample"}
        | {"pyramid@sample-x2", "report@sample-x4", COMPARED},
    ),
}
UNUSED = {
    "weights.vgg16.sha256": "0" * 8,  # LPIPS is not measured
    "weights.arcface.sha256": "0" * 8,  # nor does the dataset use ArcFace
    "recipes.celeba.crop": {"resolution": 256},
    "runs.wnet-mode2.train.epochs": 7,
}


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory) -> Checkout:
    return finished.copy(tmp_path_factory.mktemp("project"))


def test_everything_is_there_and_a_second_run_runs_nothing(project):
    assert set(project.hashes()) == ALL
    for path in (
        "reports/index.html",
        "reports/compare-sample-fractions-x4.html",
        "reports/sample-x4/index.html",
        "results/sample-fractions-x4/sample-x4/sr.h5",
    ):
        assert (project.folder / path).is_file()
    quality = json.loads((project.folder / "metrics/quality/sample-x4.json").read_text())
    assert quality["sample-x4"]["faces"] == 5
    assert project.repro() == set()
    assert "up to date" in project.call("dvc", "status")


def test_the_same_bytes_come_out_of_a_forced_second_run(project):
    """Of the stages after the data; test_kills.py makes the data twice, in two projects."""
    before = project.hashes()
    assert project.repro("-f", "-s", "train@sample-x4", "reconstruct@sample-x4")
    assert project.hashes() == before


@pytest.mark.parametrize("what", REACH)
def test_a_change_runs_what_it_touches_and_going_back_runs_nothing(project, what):
    changes, expected = REACH[what]
    original = (project.folder / "params.yaml").read_text()
    before = project.hashes()
    project.edit(changes)
    assert project.repro() == expected | {"resolve"}
    (project.folder / "params.yaml").write_text(original)
    assert project.repro() == {"resolve"}  # which takes a second; all else comes from the cache
    after = project.hashes()
    assert {name: after[name] for name in before} == before


def test_what_nothing_active_uses_runs_nothing(project):
    original = (project.folder / "params.yaml").read_text()
    project.edit(UNUSED)
    assert project.repro() == {"resolve"}
    (project.folder / "params.yaml").write_text(original)
    assert project.repro() == {"resolve"}


def test_params_metrics_and_plots_say_something(project):
    assert "sample-x4.sr.psnr.dic" in project.call("dvc", "metrics", "show", "--md")
    plots = json.loads(project.call("dvc", "plots", "show", "--json"))["data"]
    assert any("validation/psnr.tsv" in name for name in plots)
    assert any("identity_curve.tsv" in name for name in plots)
    assert [plot["type"] for plot in plots["reports/sample-x4.png"]] == ["image"]


def test_a_set_is_trained_beside_what_is_there_and_compared(finished, tmp_path):
    project = finished.copy(tmp_path / "compared")
    before = project.hashes()
    content = YAML().load(project.folder / "params.yaml")
    content["sets"]["sample-ablation"]["runs"] = ["wnet-small", "wnet-small-g"]
    YAML().dump(content, project.folder / "params.yaml")
    ran = project.call("wnet", "compare", "sample-ablation")
    assert re.findall(r"Running stage '(train@\S+)'", ran) == [
        "train@sample-ablation-wnet-small-g-x4"
    ]
    after = project.hashes()
    unlike = {stage for stage, outs in before.items() if after[stage] != outs}
    assert unlike <= {"resolve", COMPARED, "index", "report@sample-x4"}
    page = (project.folder / "reports/compare-sample-fractions-x4.html").read_text()
    assert "W-Net without some of its parts" in page
    row = page[page.index('<th scope="row">G<small>sample-ablation-wnet-small-g-x4') :]
    assert re.findall(r"<td>(yes|no)</td>", row)[:3] == ["no", "yes", "yes"]


def test_a_renamed_training_is_not_trained_again(finished, tmp_path):
    project = finished.copy(tmp_path / "renamed")
    network = (project.folder / "models/sample-x4/network/model.safetensors").read_bytes()
    project.call("wnet", "rename", "sample-x4", "narrow")
    assert project.repro() == {"resolve", "report@sample-x4", "index"}
    assert (project.folder / "models/narrow/network/model.safetensors").read_bytes() == network
    assert not (project.folder / "models/sample-x4").exists()
    assert project.repro() == set()


def test_data_are_prepared_where_nothing_is_trained(finished, tmp_path):
    project = finished.copy(tmp_path / "data")
    shutil.rmtree(project.folder / "metrics")
    yaml = YAML()
    content = yaml.load(project.folder / "params.yaml")
    for block in ("trainings", "evaluations", "comparisons", "paper"):
        del content[block]
    yaml.dump(content, project.folder / "params.yaml")
    assert {"resolve", "index"} <= project.repro()
    assert (project.folder / "reports/index.html").is_file()


def test_bicubic_interpolation_is_evaluated_without_a_network_or_maps(finished, tmp_path):
    """Its scores are those that it has beside a network, and weights for maps are not asked for."""
    project = finished.copy(tmp_path / "bicubic")
    yaml = YAML()
    content = yaml.load(project.folder / "params.yaml")
    item = content["evaluations"].pop("sample-x4")
    content["evaluations"]["alone"] = item | {"training": "bicubic"}
    del content["trainings"]
    content["recipes"]["sample"]["parse"]["method"] = "bisenet"
    yaml.dump(content, project.folder / "params.yaml")
    ran = project.repro()
    scores = {f"{stage}@alone" for stage in ("reconstruct", "quality", "landmarks", "identity")}
    assert ran == {"resolve", "index", COMPARED, "report@alone"} | scores | PREPARED - {
        "crop@sample"
    }
    for stage in ("quality", "landmarks", "identity"):
        of_stage = project.folder / "metrics" / stage
        beside, alone = (
            json.loads((of_stage / f"{name}.json").read_text())[name]
            for name in ("sample-x4", "alone")
        )
        assert "sr" not in alone
        assert alone["bicubic"] == beside["bicubic"]
    assert json.loads((project.folder / "data/parse/sample.json").read_text())["method"] is None
    assert not (project.folder / "reports/alone/model_card.md").exists()
    assert project.repro() == set()


def test_the_committed_lock_is_not_stale(tmp_path):
    """In a clone without data nothing would run: dvc.lock was made by this code."""
    clone = Project(tmp_path)
    shutil.copy(ROOT / "dvc.lock", tmp_path)
    shutil.copytree(ROOT / "metrics", tmp_path / "metrics")
    shutil.copy(ROOT / "resolved.json", tmp_path)
    said = clone.call("dvc", "repro", "--dry", "--allow-missing")
    assert "Running stage" not in said
