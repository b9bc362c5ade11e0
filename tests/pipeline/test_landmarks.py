"""The stage `landmarks`: distance 0 for the same face, more if blurred; misses are counted."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from pipeline import landmarks, reference
from wnet.data.resize import bicubic
from wnet.data.shards import read_shard, write_index, write_shard
from wnet.metrics.scores import Points, scores_of


@pytest.fixture
def prepared(project, drawn_faces, edit_params):
    """Three drawn faces and a lawn; `sr` is the original, `bicubic` a blurred face."""
    edit_params({"recipes.sample.reference.enlarge": 1})
    hr = np.stack([face.image for face in drawn_faces[:3]])
    hr = np.concatenate([hr, np.full((1, 256, 256, 3), 90, np.uint8)])
    blurred = bicubic(bicubic(hr, 20, 20), 256, 256)
    names = np.array(["0", "1", "2", "lawn"])
    (project / "crop").mkdir()
    write_shard(project / "crop/00000.h5", {"name": names, "hr": hr})
    write_index(project / "crop")
    (project / "split.json").write_text(
        json.dumps({"train": [], "validation": [], "test": names.tolist()})
    )
    made = CliRunner().invoke(
        reference.main, ["sample-fractions", "crop", "split.json", "reference.h5"]
    )
    assert made.exit_code == 0, made.output
    write_shard(project / "sr.h5", {"name": names, "bicubic": blurred, "sr": hr})
    return names, hr


def run():
    outputs = ["points.h5", "rows.csv", "means.json", "headline.json"]
    return CliRunner().invoke(landmarks.main, ["sample-x4", "sr.h5", "reference.h5", *outputs])


def test_the_original_scores_zero_and_the_blurred_face_does_not(project, prepared):
    result = run()
    assert result.exit_code == 0, result.output
    means = json.loads((project / "means.json").read_text())
    assert (means["faces"], means["excluded"]) == (4, 1)
    assert (means["method"], means["detector"], means["weights"]) == ("dlib", "dlib", {})
    none = {"landmark_distance": 0.0, "mean_px": 0.0, "nme": 0.0, "failed": 0, "missed": 0}
    assert means["sr"] == none
    assert means["bicubic"]["landmark_distance"] > 5
    headline = json.loads((project / "headline.json").read_text())
    assert headline["sample-x4"] == {
        method: {"landmark_distance": means[method]["landmark_distance"]}
        for method in ("bicubic", "sr")
    }
    with (project / "rows.csv").open(newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows["lawn"]["sr_landmark_distance"] == ""
    points = read_shard(project / "points.h5")
    original = read_shard(project / "reference.h5", "points")["points"]
    np.testing.assert_array_equal(points["sr"], original)
    moved = np.linalg.norm(points["bicubic"][0] - original[0])
    assert float(rows["0"]["bicubic_landmark_distance"]) == pytest.approx(moved, abs=1e-4)
    assert np.isnan(points["sr"][3]).all()
    measured = [float(rows[name]["bicubic_landmark_distance"]) for name in "012"]
    assert means["bicubic"]["landmark_distance"] == pytest.approx(np.mean(measured), abs=1e-5)


def test_a_face_that_the_detector_misses_is_counted_and_still_compared(project, prepared):
    names, hr = prepared
    gray = np.full_like(hr, 128)
    write_shard(project / "sr.h5", {"name": names, "bicubic": hr, "sr": gray})
    assert run().exit_code == 0
    means = json.loads((project / "means.json").read_text())
    assert means["sr"]["missed"] == 3
    assert means["sr"]["landmark_distance"] is not None
    assert means["bicubic"]["missed"] == 0


def test_other_faces_are_refused(project, prepared):
    names, hr = prepared
    write_shard(project / "sr.h5", {"name": names[::-1], "bicubic": hr, "sr": hr})
    result = run()
    assert result.exit_code == 1
    assert "have different faces" in result.output


def test_distances_by_hand():
    """All points moved by (3, 4): 5 pixels each, 5 * sqrt(68) together, 5 over the eyes' 40."""
    hr = np.zeros((2, 68, 2), np.float32)
    hr[:, 45] = (40, 0)
    sr = hr + np.float32([3, 4])
    hr[1] = np.nan
    points = Points(sr=sr, hr=hr, missed=np.zeros(2, bool), failure=0.1)
    scores = {score.key: score.of(points) for score in scores_of("landmarks", {})}
    assert scores["landmark_distance"][0] == pytest.approx(5 * np.sqrt(68))
    assert scores["mean_px"][0] == pytest.approx(5)
    assert scores["nme"][0] == pytest.approx(0.125)
    assert scores["failed"][0]
    assert np.isnan(scores["landmark_distance"][1])
