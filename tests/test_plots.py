"""The pages of `dvc plots` in Chromium without internet: every plot is visible."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from headless import chromium_with, show
from selenium.webdriver.support.wait import WebDriverWait
from small_project import Checkout

RUN = "runs.wnet-small.train"
COLOURS = ((148, 93, 214), (19, 173, 199))  # DVC's, of the first and of the second revision
# The number of pixels of each colour, by chart; text and grid are grey.
DRAWN = """
const near = (data, at, colour) => colour.every((c, i) => Math.abs(c - data[at + i]) < 24);
return Object.fromEntries([...document.querySelectorAll('.vega-embed')].map(chart => {
  const canvas = chart.querySelector('canvas');
  const all = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const pixels = [...Array(all.length / 4).keys()].map(i => 4 * i);
  return [chart.id, arguments[0].map(colour => pixels.filter(at => near(all, at, colour)).length)];
}));
"""
CHARTS = "return document.querySelectorAll('.vega-embed details').length"  # menus of drawn charts
IMAGES = "return [...document.images].filter(i => i.complete && i.naturalWidth > 0).length"


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory) -> Checkout:
    """A commit of one training and a workspace of another, each with a picture an epoch."""
    project = finished.copy(tmp_path_factory.mktemp("project"))
    project.edit({f"{RUN}.epochs": 2, f"{RUN}.progress_every": 1})
    project.repro("--single-item", "resolve", "train@sample-x4")
    project.commit("Two epochs")
    project.edit({f"{RUN}.learning_rate": 0.004})
    project.repro("--single-item", "resolve", "train@sample-x4")
    return project


def plots(project: Checkout, *command: str) -> list[tuple[str, str]]:
    """The name and the type of every plot that a command shows; for an image, once per revision.

    A line after the JSON says what is missing.
    """
    shown = json.JSONDecoder().raw_decode(project.call("dvc", *command, "--json"))[0]["data"]
    return [(name, entry["type"]) for name, entries in shown.items() for entry in entries]


@contextmanager
def opened(project: Checkout, profile: Path, *command: str) -> Iterator:
    """The page that a command makes, once all plots of the command are in it."""
    kinds = [kind for _, kind in plots(project, *command)]
    with chromium_with(project.call("dvc", *command).split()[-1], profile) as page:
        show(page, 1280, 800)
        wait = WebDriverWait(page, 60)
        wait.until(lambda _: page.execute_script(CHARTS) == kinds.count("vega"))
        wait.until(lambda _: page.execute_script(IMAGES) == kinds.count("image"))
        yield page


def asked(page) -> list[str]:
    """The requests that the page made to the internet."""
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    urls = [e["params"]["request"]["url"] for e in events if e["method"].endswith("WillBeSent")]
    return [url for url in urls if not url.startswith(("file:", "data:", "chrome:"))]


def test_show_draws_curves_and_pictures(project, tmp_path):
    shown = plots(project, "plots", "show")
    assert ("results/sample-fractions-x4/sample-x4/identity_curve.tsv", "vega") in shown
    assert ("models/sample-x4/curves/validation/psnr.tsv", "vega") in shown
    assert sum("curves/progress/" in name for name, kind in shown if kind == "image") == 2
    assert [kind for name, kind in shown if name == "reports/sample-x4.png"] == ["image"]
    with opened(project, tmp_path, "plots", "show") as page:
        assert all(pixels > 100 for (pixels,) in page.execute_script(DRAWN, COLOURS[:1]).values())
        assert asked(page) == []


def test_diff_draws_both_revisions(project, tmp_path):
    with opened(project, tmp_path, "plots", "diff", "HEAD") as page:
        charts = page.execute_script(DRAWN, COLOURS)
        losses = [pixels for name, pixels in charts.items() if "_curves_train_" in name]
        assert len(losses) > 5
        assert all(min(pixels) > 50 for pixels in losses), charts
        assert asked(page) == []


def test_a_clone_shows_the_same_from_a_folder_of_it(project, tmp_path):
    clone = project.clone(tmp_path / "clone")
    clone.call("dvc", "cache", "dir", "--local", str(project.folder / ".dvc/cache"))
    clone.call("dvc", "checkout")
    with opened(clone, tmp_path / "profile", "--cd", "docs", "plots", "show") as page:
        assert all(pixels > 100 for (pixels,) in page.execute_script(DRAWN, COLOURS[:1]).values())
        assert asked(page) == []
    assert clone.call("git", "status", "--porcelain") == ""


def test_plots_follow_what_is_active(project, tmp_path):
    """A new evaluation in params.yaml adds a curve without an edit of dvc.yaml."""
    second = project.clone(tmp_path / "second")
    evaluation = {"training": "sample-x4", "dataset": "sample", "split": "fractions", "scale": 4}
    second.call("dvc", "cache", "dir", "--local", str(project.folder / ".dvc/cache"))
    second.call("dvc", "checkout")
    second.edit({"evaluations": {"again": evaluation}})
    second.repro("--single-item", "resolve", "reconstruct@again", "identity@again")
    names = [name for name, _ in plots(second, "plots", "show")]
    assert [name for name in names if name.startswith("results/")] == [
        "results/sample-fractions-x4/again/identity_curve.tsv"
    ]
