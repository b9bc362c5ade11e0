"""The stage `identity`: 1 for the same face, less if blurred, no score without a face."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from pipeline import identity, reference
from wnet.data.resize import bicubic
from wnet.data.shards import write_index, write_shard

OUTPUTS = ("rows.csv", "curve.tsv", "details.json", "means.json")


@pytest.fixture
def prepared(project, drawn_faces, edit_params):
    """Two drawn faces and a lawn; `sr` is the original, `bicubic` a blurred face."""
    edit_params({"recipes.sample.reference.enlarge": 1, "identity.thresholds": 3})
    hr = np.stack([face.image for face in drawn_faces[:2]])
    hr = np.concatenate([hr, np.full((1, 256, 256, 3), 90, np.uint8)])
    blurred = bicubic(bicubic(hr, 20, 20), 256, 256)
    names = np.array(["0", "1", "lawn"])
    (project / "crop").mkdir()
    write_shard(project / "crop/00000.h5", {"name": names, "hr": hr})
    write_index(project / "crop")
    split = {"train": [], "validation": [], "test": names.tolist()}
    (project / "split.json").write_text(json.dumps(split))
    arguments = ["sample-fractions", "crop", "split.json", "reference.h5"]
    made = CliRunner().invoke(reference.main, arguments)
    assert made.exit_code == 0, made.output
    write_shard(project / "sr.h5", {"name": names, "bicubic": blurred, "sr": hr})
    return project


def run():
    return CliRunner().invoke(identity.main, ["sample-x4", "sr.h5", "reference.h5", *OUTPUTS])


def test_the_original_is_itself_a_blurred_face_less_so_and_a_lawn_is_excluded(prepared):
    result = run()
    assert result.exit_code == 0, result.output
    details = json.loads((prepared / "details.json").read_text())
    assert (details["network"], details["faces"], details["excluded"]) == ("dlib", 3, 1)
    assert details["sr"]["identity_similarity"] == pytest.approx(1, abs=1e-6)
    assert details["bicubic"]["identity_similarity"] < 0.99
    with (prepared / "rows.csv").open(newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows["lawn"]["sr_identity_similarity"] == ""
    measured = [float(rows[name]["bicubic_identity_similarity"]) for name in "01"]
    assert details["bicubic"]["identity_similarity"] == pytest.approx(np.mean(measured), abs=1e-6)
    headline = json.loads((prepared / "means.json").read_text())["sample-x4"]
    key = "identity_similarity"
    assert headline["bicubic"] == {key: details["bicubic"][key]}
    assert details["sr"]["identified"] == 1
    margins = [float(rows[name]["sr_identity_margin"]) for name in "01"]
    assert margins[0] == pytest.approx(margins[1], abs=1e-5)  # one is the other's only impostor
    assert rows["lawn"]["sr_identified"] == rows["lawn"]["sr_identity_margin"] == ""


def test_the_curve_is_the_share_above_each_threshold(prepared):
    assert run().exit_code == 0
    head, *lines = (prepared / "curve.tsv").read_text().strip().split("\n")
    assert head.split("\t") == ["threshold", "bicubic", "sr"]
    assert [line.split("\t")[0] for line in lines] == ["0", "0.5", "1"]
    assert lines[0].split("\t")[1:] == ["1", "1"]
    assert lines[2].split("\t")[1] == "0"


def test_other_faces_are_refused(prepared):
    columns = {"name": np.array(["x", "1", "lawn"]), "sr": np.zeros((3, 8, 8, 3), np.uint8)}
    write_shard(prepared / "sr.h5", columns | {"bicubic": columns["sr"]})
    result = run()
    assert result.exit_code == 1
    assert "have different faces" in result.output
