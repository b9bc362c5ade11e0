"""docs/contributing.md, "Adding a score", followed to the letter in a copy of the code."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from evaluation_inputs import NAMES, RUN, put_all, put_metrics
from small_project import ROOT

QUALITY = ["results/sr.h5", "data/crop", "results/quality.csv"]
DETAILS = "results/quality.json"
METRICS = Path("metrics/quality/sample-x4.json")


def follow(code: Path) -> None:
    """Follow the recipe, which has two blocks."""
    text = (ROOT / "docs/contributing.md").read_text(encoding="utf-8")
    recipe = re.search(r"^## Adding a score\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)[1]
    function, row = re.findall(r"^```py\n(.*?)^```", recipe, re.DOTALL | re.MULTILINE)
    with (code / "wnet/metrics/images.py").open("a") as file:
        file.write(f"\n\n{function}")
    table = code / "wnet/metrics/scores.py"
    head, begin, rows = table.read_text().partition("SCORES = (\n")
    head = re.sub(r"(from wnet.metrics.images import .*)", r"\1, rmse", head)
    row = textwrap.indent(row.rstrip(), " " * 4) + ",\n"
    rows = re.sub(r'(?=    Score\(\n        key="lpips")', row, rows)
    table.write_text(head + begin + rows)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The working folder of `quality`, `report` and `index` with the changed code; the arrays."""
    folder = tmp_path_factory.mktemp("score")
    for room in ("pipeline", "wnet"):
        shutil.copytree(ROOT / room, folder / "code" / room)
    follow(folder / "code")
    environment = os.environ | {"PYTHONPATH": str(folder / "code")}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        arrays = put_all({"faces": 2, "magnify": 1, "browse": 2, "rejected": 0})
        put_metrics()
        for stage, *arguments in (
            ("quality", "sample-x4", *QUALITY, DETAILS, str(METRICS)),
            ("report", *RUN, "reports/sample-x4"),
            ("index", "metrics", "reports/index.html"),
        ):
            command = [sys.executable, "-m", f"pipeline.{stage}", *arguments]
            run = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert run.returncode == 0, run.stderr
        yield folder, arrays


def test_every_face_has_the_score_by_every_protocol(made):
    folder, arrays = made
    with (folder / "results/quality.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    for number, name in enumerate(NAMES):
        error = arrays["sr"][number].astype(float) - arrays["hr"][number]
        found = float(rows[name]["sr_rgb_rmse"])
        assert found == pytest.approx(np.sqrt(np.square(error).mean()), abs=1e-6)
        for protocol in ("dic", "sparnet", "rgb"):
            rmse = float(rows[name][f"bicubic_{protocol}_rmse"])
            psnr = float(rows[name][f"bicubic_{protocol}_psnr"])
            assert psnr == pytest.approx(20 * np.log10(255 / rmse), abs=1e-4)


def test_means_are_among_the_details_and_the_headline(made):
    folder, _ = made
    details = json.loads((folder / DETAILS).read_text())
    headline = json.loads((folder / METRICS).read_text())["sample-x4"]
    assert list(details["sr"]) == ["psnr", "ssim", "rmse"]
    assert set(details["sr"]["rmse"]) == {"dic", "sparnet", "rgb"}
    assert headline["sr"]["rmse"] == {"dic": details["sr"]["rmse"]["dic"]}


def test_every_page_shows_it(made):
    folder, _ = made
    details = json.loads((folder / DETAILS).read_text())
    bicubic, network = (details[method]["rmse"]["dic"] for method in ("bicubic", "sr"))
    page = (folder / "reports/sample-x4/index.html").read_text(encoding="utf-8")
    assert "<h3>RMSE (dic)</h3>" in page
    assert page.count('<th scope="row">RMSE, levels') == 3  # in detail, once a protocol
    assert '<option value="rmse">RMSE (dic)</option>' in page
    assert '<th scope="row">RMSE (dic), levels</th>' in page  # of the face in the viewer
    assert '<th scope="col" role="columnheader">RMSE (dic), levels</th>' in page  # by attribute
    assert page.count(f'<data value="{network}">{network:.2f}</data>') >= 2
    views = json.loads(re.search(r'id="viewer-data">(.*?)</script>', page)[1])["views"]
    assert views.keys() - {"rmse"} == {"psnr", "ssim", "landmark_distance", "identity_similarity"}
    card = (folder / "reports/sample-x4/model_card.md").read_text(encoding="utf-8")
    assert f"| RMSE (dic), levels | {bicubic:.2f} | {network:.2f} |" in card
    index = (folder / "reports/index.html").read_text(encoding="utf-8")
    assert '<th scope="col" role="columnheader">RMSE (dic), levels</th>' in index
    assert f'data-label="RMSE (dic), levels"><data value="{network}">' in index


def test_lower_is_better(made):
    folder, _ = made
    details = json.loads((folder / DETAILS).read_text())
    bicubic, network = (details[method]["rmse"]["dic"] for method in ("bicubic", "sr"))
    page = (folder / "reports/sample-x4/index.html").read_text(encoding="utf-8")
    tile = re.search(r"<h3>RMSE \(dic\)</h3>(.*?)</li>", page, re.DOTALL)[1]
    difference, low, high = map(float, re.findall(r'<data value="([^"]+)">', tile)[1:4])
    assert difference == pytest.approx(network - bicubic, abs=2e-6)
    said = "better" if high < 0 else "worse" if low > 0 else "no difference seen"
    assert f'<span class="equal">{said}</span>' in tile  # five faces are too few for a colour


def test_the_papers_rows_are_unchanged(made):
    page = (made[0] / "reports/index.html").read_text(encoding="utf-8")
    assert "RMSE" not in page.partition('id="paper"')[2]
