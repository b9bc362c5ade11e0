"""The stage `synthesize`: photographs with exact ground truth, identical in every way of
running."""

import csv

import numpy as np
from click.testing import CliRunner
from PIL import Image

from drawn.photograph import render
from pipeline import synthesize
from wnet.data.shards import Shards
from wnet.photographs.folder import find_photographs


def run(out):
    result = CliRunner().invoke(synthesize.main, ["sample", out])
    assert result.exit_code == 0, result.output


def test_photographs_truth_and_description_belong_together(project, edit_params):
    edit_params({"synthesize.faces": 3, "synthesize.resolution": 128, "synthesize.seed": 5})
    run("data/raw/sample")
    folder = project / "data/raw/sample"
    assert find_photographs(folder).names == tuple(f"face_00000{n}.jpg" for n in (5, 6, 7))
    truth = Shards(folder / "truth").take(["face_000006.jpg"], "points", "classes")
    expected = render(6, 6, 128)
    np.testing.assert_array_equal(truth["points"][0], expected.points)
    np.testing.assert_array_equal(truth["classes"][0], expected.classes)
    picture = np.asarray(Image.open(folder / "face_000006.jpg")).astype(int)
    assert np.abs(picture - expected.image).mean() < 3  # JPEG at quality 95
    with (folder / "faces.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [f"face_00000{n}.jpg" for n in (5, 6, 7)]
    assert set(rows[0]) == {"name", *expected.attributes}


def test_bytes_do_not_depend_on_the_number_of_processes(project, edit_params, monkeypatch):
    edit_params({"synthesize.faces": 4, "synthesize.resolution": 128})
    monkeypatch.setattr(synthesize, "FACES_PER_BLOCK", 2)
    for workers, out in (("1", "one"), ("2", "two")):
        monkeypatch.setenv("WNET_WORKERS", workers)
        run(out)
    files = sorted(path.relative_to(project / "one") for path in (project / "one").rglob("*.*"))
    assert len(files) == 4 + (2 + 1) + 1
    for file in files:
        assert (project / "one" / file).read_bytes() == (project / "two" / file).read_bytes()
