"""The stage `reference`: landmarks near the exact ones, embeddings, and NaN without a face."""

import json

import numpy as np
from click.testing import CliRunner

from pipeline import reference
from wnet.data.resize import bicubic
from wnet.data.shards import read_shard, write_index, write_shard


def test_drawn_faces_have_their_landmarks_and_a_lawn_has_none(project, drawn_faces):
    side = 128
    photographs = np.stack([face.image for face in drawn_faces[:3]])
    hr = bicubic(photographs, side, side)
    lawn = np.full((1, side, side, 3), (40, 120, 30), np.uint8)
    names = np.array(["0.png", "1.png", "2.png", "lawn.png"])
    (project / "crop").mkdir()
    columns = {"name": names, "hr": np.concatenate([hr, lawn])}
    write_shard(project / "crop/00000.h5", columns)
    write_index(project / "crop")
    split = {"train": [], "validation": [], "test": ["lawn.png", "1.png", "0.png"]}
    (project / "split.json").write_text(json.dumps(split))
    result = CliRunner().invoke(
        reference.main, ["sample-fractions", "crop", "split.json", "out.h5"]
    )
    assert result.exit_code == 0, result.output
    assert "3 faces, 1 of them not found" in result.output
    found = read_shard(project / "out.h5")
    assert list(found["name"]) == ["lawn.png", "1.png", "0.png"]
    assert np.isnan(found["points"][0]).all()
    assert np.isnan(found["embedding"][0]).all()
    for row, face in ((1, drawn_faces[1]), (2, drawn_faces[0])):
        truth = (face.points + 0.5) * side / 256 - 0.5
        eyes = np.linalg.norm(truth[36] - truth[45])
        error = np.linalg.norm(found["points"][row] - truth, axis=1).mean() / eyes
        assert error < 0.25  # dlib's own error; a wrong scale or place is more
        np.testing.assert_allclose(np.linalg.norm(found["embedding"][row]), 1, rtol=1e-5)


def test_a_split_that_only_trains_has_none(project):
    (project / "split.json").write_text('{"train": ["a"], "validation": ["b"], "test": []}')
    arguments = ["sample-fractions", "crop", "split.json", "out/reference.h5"]
    result = CliRunner().invoke(reference.main, arguments)
    assert result.exit_code == 0, result.output
    assert (project / "out/reference.h5").read_bytes() == b""
    assert (project / "out/reference.made_by.json").exists()
