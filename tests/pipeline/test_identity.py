"""The stage `identity`: a face is most similar to itself, and one without landmarks is left out."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from pipeline import identity, reference
from wnet.data.resize import bicubic
from wnet.data.shards import write_index, write_shard

OUTPUTS = ["rows.csv", "curve.tsv", "means.json", "headline.json"]


@pytest.fixture
def prepared(project, drawn_faces, edit_params):
    """Two drawn faces and a lawn; `sr` is the original, `bicubic` the other face, blurred."""
    edit_params({"recipes.sample.reference.enlarge": 1, "identity.thresholds": 3})
    hr = np.stack([face.image for face in drawn_faces[:2]])
    hr = np.concatenate([hr, np.full((1, 256, 256, 3), 90, np.uint8)])
    blurred = bicubic(bicubic(hr, 20, 20), 256, 256)
    names = np.array(["0", "1", "lawn"])
    (project / "crop").mkdir()
    write_shard(project / "crop/00000.h5", {"name": names, "hr": hr}, {})
    write_index(project / "crop")
    (project / "split.json").write_text(json.dumps({"test": names.tolist()}))
    made = CliRunner().invoke(reference.main, ["sample", "crop", "split.json", "reference.h5"])
    assert made.exit_code == 0, made.output
    write_shard(project / "sr.h5", {"name": names, "bicubic": blurred, "sr": hr}, {})
    return names, hr


def run():
    return CliRunner().invoke(
        identity.main, ["sample-x4", "sample", "sr.h5", "reference.h5", *OUTPUTS]
    )


def test_the_original_is_itself_and_the_blurred_face_is_less_so(project, prepared):
    result = run()
    assert result.exit_code == 0, result.output
    means = json.loads((project / "means.json").read_text())
    facts = {"network": "dlib", "weights": {}, "faces": 3, "excluded": 1}
    assert {key: means[key] for key in facts} == facts
    assert means["sr"] == {"identity_similarity": pytest.approx(1, abs=1e-6)}
    with (project / "rows.csv").open(newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows["lawn"]["sr_identity_similarity"] == ""
    measured = [float(rows[name]["bicubic_identity_similarity"]) for name in "01"]
    assert max(measured) < 0.999
    assert means["bicubic"]["identity_similarity"] == pytest.approx(np.mean(measured), abs=1e-6)
    headline = json.loads((project / "headline.json").read_text())
    assert headline == {"sample-x4": {method: means[method] for method in ("bicubic", "sr")}}


def test_the_curve_is_the_share_of_faces_above_each_threshold(project, prepared):
    assert run().exit_code == 0
    lines = (project / "curve.tsv").read_text().splitlines()
    assert lines == ["threshold\tbicubic\tsr", "0\t1\t1", "0.5\t1\t1", "1\t0\t0"]


def test_other_faces_are_refused(project, prepared):
    names, hr = prepared
    write_shard(project / "sr.h5", {"name": names[::-1], "bicubic": hr, "sr": hr}, {})
    result = run()
    assert result.exit_code == 1
    assert "hold different faces" in result.output
    assert not (project / "rows.csv").exists()
