"""Degraded training faces; runs without them do not depend on their settings."""

import json

import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file

from pipeline import train as stage
from pipeline.settings.resolved import FILE

DEGRADED = "runs.wnet-small.degrade"


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    pass


def trained(project, name):
    paths = [*("crop", "parse", "pyramid", "split.json"), f"models/{name}", f"{name}.json"]
    result = CliRunner().invoke(stage.main, ["sample-x4", *paths])
    assert result.exit_code == 0, result.output
    record = json.loads((project / f"models/{name}/network/made_by.json").read_text())
    return load_file(project / f"models/{name}/network/model.safetensors"), record


def entry(project):
    return json.loads((project / FILE).read_text())["train"]["sample-x4"]


def test_ranges_are_in_no_digest_while_no_face_is_degraded(prepared, edit_params):
    edit_params({DEGRADED: {"share": 0.0}})
    off = entry(prepared)
    assert off["parameters"]["degrade"] is None
    assert "wnet.data.degradation" not in off["code"]
    edit_params({DEGRADED: {"share": 0.0, "noise": [3.0, 4.0], "jpeg": [10, 20]}})
    assert entry(prepared) == off
    edit_params({DEGRADED: {"share": 0.5}})
    on = entry(prepared)
    assert on["parameters"]["degrade"]["share"] == 0.5
    assert "wnet.data.degradation" in on["code"]
    edit_params({DEGRADED: {"share": 0.5, "noise": [3.0, 4.0]}})
    assert entry(prepared)["digest"] not in (on["digest"], off["digest"])


def test_degraded_faces_train_another_network_the_same_one_each_time(prepared, edit_params):
    clean, record = trained(prepared, "clean")
    assert "opencv-python" not in record["versions"]
    edit_params({DEGRADED: {"share": 1.0, "noise": [5.0, 9.0]}})
    once, record = trained(prepared, "once")
    assert record["parameters"]["degrade"]["noise"] == [5.0, 9.0]
    assert {"opencv-python", "pillow"} <= set(record["versions"])
    again, _ = trained(prepared, "again")
    assert all((once[key] == again[key]).all() for key in once)
    assert any((once[key] != clean[key]).any() for key in once)
