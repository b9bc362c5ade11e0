"""`dvc repro` of a small project with trainings and scores on the GPU."""

import json

import pytest
from small_project import SMALL, Project

pytestmark = [pytest.mark.cuda, pytest.mark.slow]


@pytest.mark.parametrize("execution", ["0", "graphs"])
def test_the_small_project_is_made_on_the_card(tmp_path, execution):
    for package in ("dvc", "dlib", "click", "joblib", "matplotlib", "jinja2", "face_alignment"):
        pytest.importorskip(package)
    project = Project(tmp_path / "project")
    project.environment |= {"WNET_DEVICE": "cuda", "WNET_COMPILE": execution}
    project.edit(SMALL)
    assert "train@sample-x4" in project.repro()
    journal = (project.folder / ".scratch/journal.jsonl").read_text().splitlines()
    (training,) = [entry for entry in map(json.loads, journal) if entry["stage"] == "train"]
    assert training["device"] == "cuda"
    assert training["execution"] == {"0": "eager", "graphs": "graphs"}[execution]
    scores = json.loads((project.folder / "metrics/quality/sample-x4.json").read_text())
    assert scores
    assert project.repro() == set()
