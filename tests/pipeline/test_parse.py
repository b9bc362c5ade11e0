"""The stage `parse`: maps of every face, near the exact ones; without landmarks, none."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from pipeline import parse
from wnet.data.resize import bicubic
from wnet.data.shards import Shards, write_index, write_shard
from wnet.metrics.faces import mask_iou
from wnet.parsing.methods import landmarks


@pytest.fixture
def crops(project, drawn_faces):
    """Eight drawn faces of 128 pixels with their exact landmarks; the last has lost its own."""
    hr = bicubic(np.stack([face.image for face in drawn_faces]), 128, 128)
    points = np.stack([(face.points + 0.5) / 2 - 0.5 for face in drawn_faces]).astype(np.float32)
    points[7] = np.nan
    (project / "crop").mkdir()
    for shard, rows in (("00000.h5", slice(0, 5)), ("00001.h5", slice(5, 8))):
        names = np.array([f"{number}.png" for number in range(8)])[rows]
        columns = {"name": names, "hr": hr[rows], "points": points[rows]}
        write_shard(project / "crop" / shard, columns)
    write_index(project / "crop")


def run(out):
    arguments = ["sample", "crop", out, f"{out}.csv", f"{out}.json"]
    result = CliRunner().invoke(parse.main, arguments)
    assert result.exit_code == 0, result.output
    return json.loads(Path(f"{out}.json").read_text())


def test_maps_are_near_the_exact_ones(project, crops, drawn_faces):
    counts = run("parsed")
    assert counts["parsed"] == 8
    assert counts["without_map"] == 1
    maps = Shards(project / "parsed").take(
        [f"{number}.png" for number in range(8)], "classes", "skin"
    )
    exact = np.stack([face.classes[::2, ::2] for face in drawn_faces])[:7]
    overlap = mask_iou(maps["skin"][:7] == 1, exact == 1)
    assert overlap.mean() > 0.7
    np.testing.assert_array_equal(maps["skin"], maps["classes"] == 1)
    assert not maps["classes"][7].any()


def test_other_classes_can_be_the_binary_map(project, crops, edit_params):
    edit_params({"recipes.sample.parse.skin_ids": [1, 10]})
    run("parsed")
    maps = Shards(project / "parsed").take(["0.png"], "classes", "skin")
    np.testing.assert_array_equal(maps["skin"], np.isin(maps["classes"], [1, 10]))


def test_degenerate_maps_are_counted_and_change_no_byte(project, crops, edit_params):
    run("one")
    edit_params({"parse.degenerate_below": 1.0})
    assert run("two")["degenerate"] == 7
    listed = (project / "two.csv").read_text().splitlines()
    assert listed[0] == "name,skin_share"
    assert [line.split(",")[0] for line in listed[1:]] == [f"{number}.png" for number in range(8)]
    assert listed[8] == "7.png,"  # it has no map
    assert len((project / "one.csv").read_text().splitlines()) == 2
    for name in ("00000.h5", "00001.h5"):
        assert (project / "one" / name).read_bytes() == (project / "two" / name).read_bytes()


def test_bytes_do_not_depend_on_workers(project, crops, monkeypatch):
    run("one")
    monkeypatch.setenv("WNET_WORKERS", "2")
    run("two")
    for name in ("00000.h5", "00001.h5"):
        assert (project / "one" / name).read_bytes() == (project / "two" / name).read_bytes()


def test_degenerate_landmarks_give_background_and_do_not_stop_the_stage(drawn_faces):
    face = drawn_faces[0]
    speck = (face.points * 0.001 + 100).astype(np.float32)
    images, points = np.stack([face.image] * 2), np.stack([speck, face.points])
    nothing, parsed = landmarks.load(0, {}, lambda: "cpu").parse(images, points)
    assert not nothing.any()
    assert parsed.any()
