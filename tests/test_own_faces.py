"""The five commands of docs/own_faces.md, typed one after the other on drawn faces."""

import json
import re
import shlex

import pytest
from PIL import Image
from small_project import ROOT


def typed() -> list[str]:
    text = (ROOT / "docs/own_faces.md").read_text(encoding="utf-8")
    return re.search(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[1].splitlines()


def test_there_are_five():
    assert len(typed()) == 5


@pytest.mark.slow
def test_they_lead_from_a_folder_to_a_trained_network_and_an_enlarged_picture(
    finished, tmp_path, drawn_faces
):
    from drawn.photograph import render

    project = finished.copy(tmp_path / "project")
    home = tmp_path / "home"
    for folder, seeds in (("family", range(20, 50)), ("album", range(50, 54))):
        (home / "Pictures" / folder).mkdir(parents=True)
        for seed in seeds:
            picture = Image.fromarray(render(seed, seed, 160).image)
            picture.save(home / f"Pictures/{folder}/{seed}.png")
    Image.fromarray(drawn_faces[0].image).resize((90, 90)).save(home / "Pictures/small.jpg")
    said = {}
    for line in typed():
        words = [word.replace("~", str(home), 1) for word in shlex.split(line)]
        said[line] = project.call(*words)
    here = project.folder
    assert "trains wnet-small on about" in said[typed()[0]]
    counts = json.loads((here / "metrics/crop/family.json").read_text())
    assert counts["found"] == 30
    assert (here / "models/family-x4/network/model.safetensors").is_file()
    assert (here / "reports/family-x4/index.html").is_file()
    assert Image.open(here / "out/small.png").size == (360, 360)
    summary = json.loads((here / "tried/album/summary.json").read_text())
    assert summary["faces"] == 4
    project.call("dvc", "add", "data/raw/family")
    assert "data/raw/family.dvc" in project.call("git", "status", "--porcelain")
