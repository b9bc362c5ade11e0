"""docs/contributing.md, followed literally: a network, a method, a detector, a parameter."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_project import ROOT

DOC = (ROOT / "docs/contributing.md").read_text(encoding="utf-8")
FILES = {
    "Adding a network": [
        "wnet/networks/nearest/config.py",
        "wnet/networks/nearest/network.py",
    ],
    "Adding a landmark method": ["wnet/landmarks/methods/ellipse.py"],
    "Adding a detector": ["wnet/landmarks/detectors/whole.py"],
    "Adding an identity network": ["wnet/identity/networks/colour.py"],
}
TRY = """
import json, sys
import numpy as np, torch
from pipeline.settings import params
from pipeline.settings.code import Code
from pipeline.settings.resolution import items
from pipeline.settings.resolved import resolve
from pathlib import Path
from wnet.chosen import chosen
from wnet.landmarks.finder import load_finder
from wnet.networks import by_name
from wnet.networks.saved import load

everything = params.load()
run = everything.runs["nearest"]
network = by_name.build("nearest", run.model, 8).eval()
lr = torch.rand(2, 3, 16, 16)
assert network(lr)["sr"].shape == (2, 3, 128, 128)
network.save_pretrained(Path("saved"))
assert torch.equal(load(Path("saved"), "cpu")(lr)["sr"], network(lr)["sr"])
assert by_name.title_of("nearest") == "Nearest"

crop = everything.recipes["sample"].crop
assert (crop.landmarks, crop.detector, crop.darkest) == ("ellipse", "whole", 0)
finder = load_finder(crop, {}, lambda: "cpu")
image = np.zeros((40, 60, 3), np.uint8)
(boxes,) = finder.detect([image])
assert boxes.tolist() == [[0, 0, 60, 40]]
points = finder.predict([image], boxes)
assert points.shape == (1, 68, 2) and points.min() > 0 and points.max() < 60
name = everything.recipes["sample"].reference.identity
rows = chosen("wnet.identity.networks", name).load({}, lambda: "cpu").embed(image[None], points)
assert np.allclose(np.linalg.norm(rows, axis=1), 1)

entries = resolve(items(everything), Code(Path(sys.argv[1])))
print(json.dumps({s: {n: e["code"] for n, e in named.items()} for s, named in entries.items()}))
"""


def blocks(heading: str, language: str) -> list[str]:
    recipe = re.search(rf"^## {heading}\n(.*?)^## ", DOC, re.DOTALL | re.MULTILINE)[1]
    return re.findall(rf"^```{language}\n(.*?)^```", recipe, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def code(tmp_path_factory) -> Path:
    """A copy of the code in which every recipe was followed."""
    folder = tmp_path_factory.mktemp("recipes")
    for package in ("drawn", "pipeline", "wnet", "docs"):
        shutil.copytree(ROOT / package, folder / package)
    for heading, files in FILES.items():
        for file, block in zip(files, blocks(heading, "py"), strict=True):
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(block, encoding="utf-8")
    (folder / "wnet/networks/nearest/__init__.py").write_text('"""Nearest."""\n')
    (declaration,) = blocks("Adding a parameter", "py")
    with (folder / "wnet/crops/settings.py").open("a", encoding="utf-8") as file:
        file.write(declaration)
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (run,), (value,) = (blocks(h, "yaml") for h in (next(iter(FILES)), "Adding a parameter"))
    text = text.replace("\nruns:\n", f"\nruns:\n{run}")
    text = re.sub(r"(\ncrop:\n(?: .*\n)+)", rf"\g<1>{value}", text)
    text = text.replace(
        "      landmarks: dlib\n      resolution: 64\n",
        "      landmarks: ellipse\n      detector: whole\n      resolution: 64\n",
    )
    text = text.replace("      identity: dlib\n", "      identity: colour\n")
    text = text.replace("    run: wnet-small\n", "    run: nearest\n", 1)
    (folder / "params.yaml").write_text(text, encoding="utf-8")
    return folder


def python(folder: Path, *arguments: str) -> str:
    made = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_what_was_added_works_and_only_what_chose_it_runs_it(code):
    used = json.loads(python(code, "-c", TRY, str(code)))
    assert "wnet.networks.nearest.network" in used["train"]["sample-x4"]
    assert "wnet.networks.nearest.network" in used["reconstruct"]["sample-x4"]
    assert "wnet.landmarks.methods.ellipse" in used["crop"]["sample"]
    assert "wnet.identity.networks.colour" in used["reference"]["sample-fractions"]
    assert not [module for module in used["train"]["sample-x4"] if "networks.wnet." in module]
    assert "wnet.landmarks.detectors.whole" in used["crop"]["sample"]
    assert "wnet.landmarks.methods.dlib" not in used["crop"]["sample"]


def test_comments_and_the_page_of_parameters_follow(code):
    python(code, "-m", "pipeline.settings.described")
    text = (code / "params.yaml").read_text(encoding="utf-8")
    assert "  # Faces whose mean level is lower are rejected.\n  darkest: 0" in text
    assert "      # Channels between its two convolutions.\n      width: 8" in text
    page = (code / "docs/params.md").read_text(encoding="utf-8")
    assert "### `nearest`: Nearest" in page
    assert "| `darkest` | a whole number from 0 to 255 |" in page


def test_each_recipe_touches_two_files_at_most():
    """A folder of a network counts as one, and params.yaml as one."""
    for heading, files in FILES.items():
        places = {file.rsplit("/", 1)[0] if "networks/nearest" in file else file for file in files}
        assert len(places) + bool(blocks(heading, "yaml")) <= 2
