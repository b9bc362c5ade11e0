"""Stage `compare`: every pair by every score, the marks and the faces of its page."""

import base64
import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from comparison_inputs import (
    BICUBIC,
    FACES,
    GAIN,
    NAME,
    NAMES,
    NOISE,
    RUN,
    SEEDS,
    STRONG,
    put_params,
    put_results,
    remove,
    spoil,
)
from params_file import edit_resolved
from PIL import Image

from pipeline.compare import main
from pipeline.pages.comparison import paper_rows
from pipeline.settings.inputs import CompareInputs
from pipeline.settings.resolved import entry
from wnet.metrics.paired import compare
from wnet.metrics.settings import Intervals

GROUP = "one (3 seeds)"
ORDER = [STRONG, NOISE, GROUP, "bicubic"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The stage's folder, after one run, and the input pictures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("compare"))
        put_params(faces=5, resamples=2000)
        pictures = put_results()
        run = CliRunner().invoke(main, [NAME, *RUN])
        assert run.exit_code == 0, run.output
        yield Path.cwd(), pictures


@pytest.fixture(scope="module")
def metrics(made):
    return json.loads((made[0] / "metrics.json").read_text())[NAME]


@pytest.fixture(scope="module")
def page(made):
    return (made[0] / "reports/compare.html").read_text(encoding="utf-8")


def of_seeds():
    return np.mean([GAIN[seed] for seed in SEEDS], axis=0)


def test_several_seeds_are_one_method_with_their_spread(metrics):
    assert [method["name"] for method in metrics["methods"]] == ORDER
    group = metrics["methods"][2]
    assert group["evaluations"] == list(SEEDS)
    assert group["parameters"] == 2000
    means = [np.round(np.mean(BICUBIC + GAIN[seed]), 6) for seed in SEEDS]
    assert group["mean"]["dic_psnr"] == pytest.approx(np.mean(means), abs=1e-6)
    assert group["spread"]["dic_psnr"] == pytest.approx(np.std(means, ddof=1), abs=1e-6)
    assert metrics["methods"][0]["spread"]["dic_psnr"] is None


def test_every_pair_is_compared_by_every_score(metrics):
    pairs = {(row["first"], row["second"], row["score"]): row for row in metrics["pairs"]}
    between = {(a, b) for i, a in enumerate(ORDER) for b in ORDER[i + 1 :]}
    single = {(seed, "bicubic") for seed in SEEDS}
    assert {(first, second) for first, second, _ in pairs} == between | single
    assert len(pairs) == 3 * (6 + 3)
    gains = {STRONG: GAIN[STRONG], NOISE: GAIN[NOISE], GROUP: of_seeds(), "bicubic": 0 * BICUBIC}
    intervals = Intervals(seed=1, resamples=2000)
    for first, second in between:
        row = pairs[first, second, "dic_psnr"]
        expected = compare(gains[first], gains[second], True, intervals)
        assert row["faces"] == FACES
        for key in ("difference", "low", "high", "won", "lost"):
            assert row[key] == pytest.approx(getattr(expected, key), abs=2e-6)
        assert row["verdict"] == expected.verdict
    assert pairs[STRONG, GROUP, "landmark_distance"]["faces"] == FACES - 1
    assert pairs[STRONG, GROUP, "landmark_distance"]["verdict"] == "better"  # the lower the better
    assert pairs[STRONG, GROUP, "identity_similarity"]["verdict"] == "no difference seen"


def test_noise_is_reported_as_no_difference(metrics):
    (row,) = [
        row for row in metrics["pairs"]
        if (row["first"], row["second"], row["score"]) == (NOISE, "bicubic", "dic_psnr")
    ]  # fmt: skip
    assert row["verdict"] == "no difference seen"
    assert row["low"] < 0 < row["high"]


def test_the_table_has_every_pair_and_score(made, metrics):
    with (made[0] / "reports/compare.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows] == [row["verdict"] for row in metrics["pairs"]]
    assert float(rows[0]["difference"]) == metrics["pairs"][0]["difference"]


def test_the_best_is_bold_and_equal_methods_are_marked(page):
    rows = re.findall(r'<tr><th scope="row">([^<]+)<small>.*?</tr>', page, re.DOTALL)
    assert rows[:4] == ["W-Net", "SRCNN noise", "SRCNN one", "Bicubic"]
    table = page[page.index('<table class="sortable">') : page.index("</table>")]
    cells = {
        re.match(r'<th scope="row">([^<]+)', row)[1]: re.findall(r"<td.*?</td>", row, re.DOTALL)
        for row in table.split("<tr>")[2:]
    }
    assert "<strong>" in cells["W-Net"][2]
    assert "<strong>" not in cells["SRCNN one"][2]
    assert "≈" not in cells["SRCNN one"][2]
    assert "± 0." in cells["SRCNN one"][2]
    # all have the same identity: one is bold, and the others are marked
    assert [cell[4].count("<strong>") + cell[4].count("≈") for cell in cells.values()] == [1] * 4
    assert [
        '<data value="10000">10.0\N{NO-BREAK SPACE}k</data>' in cells["W-Net"][1],
        "none" in cells["Bicubic"][1],
    ] == [True, True]
    assert "W-Net has the best mean, and is better than every other method." in page
    assert "has the best mean, but no difference from any other method is seen." in page


class Images(HTMLParser):
    """The pictures of the page by their descriptions."""

    def __init__(self, text):
        super().__init__()
        self.found, self.loaded = {}, set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.loaded |= {attrs[key] for key in ("src", "srcset") if key in attrs}
        if tag == "link":
            self.loaded.add(attrs["href"])
        if tag == "img" and attrs.get("src", "").startswith("data:image/webp"):  # not the charts
            content = base64.b64decode(attrs["src"].partition("base64,")[2])
            self.found[attrs["alt"]] = np.asarray(Image.open(io.BytesIO(content)))


def test_pictures_are_those_of_their_faces_pixel_by_pixel_and_in_the_page(page, made):
    images = Images(page)
    titles = {"lr": "Input", "bicubic": "Bicubic", STRONG: "W-Net", NOISE: "SRCNN noise",
              SEEDS[0]: "SRCNN one", "hr": "Original"}  # fmt: skip
    shown = {alt.rpartition(", ")[0] for alt in images.found}
    assert len(images.found) == len(titles) * len(shown)
    for name in shown:
        for key, title in titles.items():
            expected = made[1][key][NAMES.index(name)]
            np.testing.assert_array_equal(images.found[f"{name}, {title}"], expected)
    assert all(address.startswith("data:") for address in images.loaded)
    assert "http" not in re.sub(r"https://arxiv.org/abs/2406.00676|http://www.w3.org/2000/svg", "",
                                page)  # fmt: skip


def test_faces_are_those_of_every_page_and_the_ends_of_every_network(page):
    shown = {alt.rpartition(", ")[0] for alt in Images(page).found}
    for gain in (GAIN[STRONG], GAIN[NOISE], of_seeds()):
        order = np.argsort(BICUBIC + gain)
        assert {NAMES[order[0]], NAMES[order[-1]]} <= shown
    drawn = {NAMES[place] for place in np.random.default_rng(1).permutation(FACES)[:5]}
    assert drawn <= shown
    assert len(shown) <= 5 + 2 * 3


def test_scores_are_drawn_against_what_they_cost_and_identities_by_threshold(page, made):
    alts = re.findall(r'<img src="data:image/png[^>]*alt="([^"]*)"', page)
    means = {name: np.mean(BICUBIC + GAIN[name]) for name in (STRONG, NOISE)}
    assert (
        f"W-Net: {means[STRONG]:.2f} for 1,000; SRCNN noise: {means[NOISE]:.2f} for 500" in alts[0]
    )
    assert f"W-Net: {means[STRONG]:.2f} for 10,000; SRCNN noise" in alts[1]
    assert f"Bicubic: {BICUBIC.mean():.2f} for none" in alts[1]
    assert "half of the faces are above: W-Net 0.500" in alts[2]
    assert len(alts) == 3


def test_the_papers_tables_are_absent_if_nothing_is_comparable(page):
    assert "The paper’s results" not in page


def test_the_same_results_give_the_same_bytes(made, monkeypatch):
    monkeypatch.chdir(made[0])
    again = [*RUN[:5], "again.json", "again.csv", "again.html"]
    assert CliRunner().invoke(main, [NAME, *again]).exit_code == 0
    for first, second in zip(RUN[5:], again[5:], strict=True):
        before = Path(first).read_bytes().replace(b"compare.csv", b"again.csv")
        assert before == Path(second).read_bytes()


def test_inconsistent_results_are_an_error_that_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    put_params()
    put_results()
    spoil(NOISE)
    run = CliRunner().invoke(main, [NAME, *RUN])
    assert run.exit_code == 1
    assert "results/noise have different faces or scores; run `dvc repro`" in run.output
    remove(NOISE)
    run = CliRunner().invoke(main, [NAME, *RUN])
    assert "results/noise/quality.json: no such file; run `dvc repro`" in run.output
    assert not Path("reports").exists()


def test_a_network_whose_training_faces_were_prepared_otherwise_is_marked(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    put_params(faces=5, resamples=2000)
    put_results()
    methods = entry("compare", NAME, CompareInputs).inputs.model_dump(mode="json")["methods"]
    said = "crop.extent is 1.5, 2.0 in the training"
    for method in methods:
        method["unlike"] = [said] * (method["evaluations"] == [NOISE])
    edit_resolved(Path(), "compare", NAME, {"methods": methods})
    run = CliRunner().invoke(main, [NAME, *RUN])
    assert run.exit_code == 0, run.output
    text = Path("reports/compare.html").read_text(encoding="utf-8")
    notes = re.findall(r"These faces were prepared differently [^<]*", text)
    assert [said in note for note in notes] == [True]


def test_it_is_not_beside_the_paper():
    like, unlike = (
        SimpleNamespace(title=title, note="", means={}, unlike=why)
        for title, why in (("A", ()), ("B", ("crop.extent is 1.5, 2.0 in the training",)))
    )
    comparison = SimpleNamespace(headline=(), contenders=(like, unlike))
    item = SimpleNamespace(dataset="celeba", scale=8, split="partition")
    assert [row.method for row in paper_rows(comparison, item, 128, ("psnr",))] == ["A"]
