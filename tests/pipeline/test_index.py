"""Stage `index`: all active evaluations, beside the paper's rows if comparable."""

import json
import re
from pathlib import Path

import pytest
from axe import violations
from click.testing import CliRunner
from evaluation_inputs import put_comparison
from headless import all_of, chromium_with, show
from params_file import write_resolved
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.commands.cli import main as wnet
from pipeline.index import main

DLIB = {"landmarks": "dlib"}


def write_metrics(name, number):
    """Metrics of an evaluation in which every score has a known value."""
    scores = {"quality": {"faces": 50 + number}, "landmarks": {}, "identity": {}}
    for method, better in (("bicubic", 0), ("sr", number)):
        psnr, ssim = {"dic": 20.25 + better}, {"dic": 0.5 + better / 100}
        similarity = 0.75 + better / 100 if number < 3 else None
        scores["quality"][method] = {"psnr": psnr, "ssim": ssim}
        scores["landmarks"][method] = {"landmark_distance": 12.5 - better}
        scores["identity"][method] = {"identity_similarity": similarity}
    for kind, content in scores.items():
        path = Path(f"metrics/{kind}/{name}.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({name: content}))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The sample at 64 px, two networks on CelebA at 128 px, and the metrics of a former one."""
    monkeypatch.chdir(tmp_path)
    settings = YAML(typ="safe").load(ROOT / "params.yaml")
    settings["quality"] = {"protocols": ["dic"], "lpips": []}
    settings["recipes"]["sample"]["crop"]["resolution"] = 64
    celeba = settings["recipes"]["celeba"]
    celeba["crop"], celeba["parse"] = DLIB | {"resolution": 128}, {"method": "landmarks"}
    celeba["reference"] = DLIB | {"identity": "dlib"}
    training = {"run": "wnet-small", "dataset": "celeba", "split": "mode1", "scale": 8}
    test = {"dataset": "celeba", "split": "mode1", "scale": 8}
    settings["datasets"] = ["sample", "celeba"]
    settings["pyramids"]["celeba-x8"] = {"dataset": "celeba", "scale": 8}
    settings["splits"]["celeba-mode1"] = {"dataset": "celeba", "split": "mode1"}
    settings["trainings"] |= {"narrow": training, "wide": training}
    settings["comparisons"]["celeba-mode1-x8"] = test
    settings["evaluations"] |= {name: {"training": name, **test} for name in ("narrow", "wide")}
    YAML().dump(settings, Path("params.yaml"))
    write_resolved(Path())
    for number, name in enumerate(("sample-x4", "narrow", "wide"), start=1):
        write_metrics(name, number)
        Path("metrics/train").mkdir(exist_ok=True)
        outcome = json.dumps({"network": "wnet", "parameters": 1000 * number})
        Path(f"metrics/train/{name}.json").write_text(outcome)
    write_metrics("former", 9)
    put_comparison("sample-fractions-x4", {"sample-x4": [1, 1.5, 0.5] * 10})
    put_comparison("celeba-mode1-x8", {"narrow": [1.5, 2.5] * 14, "wide": [-3, 3] * 30})
    return tmp_path


def run(out):
    outcome = CliRunner().invoke(main, ["metrics", out])
    assert outcome.exit_code == 0, outcome.output
    return Path(out).read_text(encoding="utf-8")


def rows(page, heading):
    """Text of the rows of a table's group, each with its words in one line."""
    group = re.search(rf'<th scope="rowgroup"[^>]*>{heading}.*?</tbody>', page, re.DOTALL)[0]
    plain = [re.sub(r"<[^>]+>", " ", row) for row in group.split("<tr")[1:]]
    return [" ".join(row.split(">", 1)[1].split()) for row in plain]


def test_evaluations_are_listed_with_their_scores_and_links(project):
    page = run("reports/index.html")
    links = re.findall(r'<a href="([^"]+)/index.html">([^<]+)</a>', page)
    assert links == [(name, name) for name in ("sample-x4", "narrow", "wide")]
    assert page.count('/model_card.md">model card</a>') == 3
    assert re.findall(r'href="(compare-[^"]+)"', page) == [
        "compare-sample-fractions-x4.html",
        "compare-celeba-mode1-x8.html",
    ]
    values = [float(value) for value in re.findall(r'<data value="([^"]+)">', page)]
    faces, psnr, gain, low, high, ssim = values[:6]
    assert (faces, psnr, gain, ssim) == (51, 21.25, 1.0, 0.51)
    assert 0.8 < low < 1 < high < 1.2
    assert "not measured" in page


def test_only_reliable_verdicts_have_a_colour(project):
    page = run("reports/index.html")
    tones = re.findall(r'<span class="(\w+)"><data value="(1.0|2.0|0.0)">', page)
    # 28 faces are too few, and a mean of 0 is no difference
    assert tones == [("better", "1.0"), ("equal", "2.0"), ("equal", "0.0")]


def test_evaluations_without_a_comparison_have_means_and_no_verdict(project):
    settings = YAML(typ="safe").load(Path("params.yaml"))
    del settings["comparisons"]["celeba-mode1-x8"]
    YAML().dump(settings, Path("params.yaml"))
    write_resolved(Path())
    Path("metrics/compare/celeba-mode1-x8.json").unlink()
    page = run("reports/index.html")
    assert "does not list under" in page
    assert "<code>comparisons</code>: celeba-mode1-x8." in page
    assert 'data-label="PSNR (dic), dB"><data value="22.25">' in page
    assert 'value="2.0"' not in page


def test_only_comparable_scores_are_among_the_papers_rows(project):
    page = run("reports/index.html")
    found = rows(page, "CelebA ×8")
    assert len(found) == 14 + 3
    assert found[:2] == [
        "Bicubic 23.46 0.6776 0.2699",
        "SRCNN training mode I 24.01 0.6747 0.2559",
    ]
    assert found[13:] == [
        "W-Net training mode II 27.40 0.8014 0.0760",
        "Bicubic ours split mode1 20.25 0.5000 not measured",
        "W-Net ours narrow, split mode1 22.25 0.5200 not measured",
        "W-Net ours wide, split mode1 23.25 0.5300 not measured",
    ]
    assert 'rowgroup" colspan="4">Helen' not in page
    assert page.count('class="group"') == 2  # one in each table


def test_what_was_not_scored_is_a_dash(project):
    second_table = run("reports/index.html").partition("Table 2: ")[2]
    assert rows(second_table, "CelebA ×8")[-1] == "W-Net ours wide, split mode1 9.50 –"


def test_former_evaluations_are_named_and_not_shown(project):
    page = run("reports/index.html")
    assert "No longer active" in page
    assert "<li>former</li>" in page
    assert "29.25" not in page
    for path in Path("metrics").rglob("former.json"):
        path.unlink()
    assert "No longer active" not in run("reports/index.html")


def test_same_metrics_give_the_same_bytes(project):
    assert run("reports/index.html") == run("again.html")


def test_a_missing_metric_is_an_error_that_says_what_to_do(project):
    Path("metrics/landmarks/wide.json").unlink()
    outcome = CliRunner().invoke(main, ["metrics", "reports/index.html"])
    assert outcome.exit_code == 1
    assert "metrics/landmarks/wide.json: no such file; run `dvc repro`" in outcome.output
    assert not Path("reports").exists()


def test_the_page_says_that_the_papers_lpips_has_another_scale(project):
    page = " ".join(run("reports/index.html").split())
    assert page.count("The paper’s LPIPS is on a scale of its own") == 1


def test_the_scores_and_the_address_of_the_page_are_printed_at_the_end(project):
    said = CliRunner().invoke(main, ["metrics", "reports/index.html"]).output
    lines = [line.split() for line in said.splitlines()]
    place = lines.index(next(words for words in lines if words[:3] == ["wide,", "53", "faces"]))
    assert lines[place][3:6] == ["PSNR", "(dic),", "dB"]
    assert lines[place + 1] == ["bicubic", "20.25", "0.5000", "12.50", "-"]
    assert lines[place + 2] == ["network", "23.25", "0.5300", "9.50", "-"]
    address = (project / "reports/index.html").as_uri()
    assert said.splitlines()[-1] == f"The pages: {address}"
    assert CliRunner().invoke(wnet, ["scores"]).output == said


def test_it_breaks_no_rule_of_accessibility_on_laptop_and_phone(project, tmp_path_factory):
    run("reports/index.html")
    address = Path("reports/index.html").resolve().as_uri()
    with chromium_with(address, tmp_path_factory.mktemp("profile")) as driver:
        for width, scheme in ((1280, "light"), (390, "dark")):
            show(driver, width, 800, width < 500, scheme)
            assert violations(driver) == []
            heads = [head.text for head in all_of(driver, "section:first-of-type thead th")]
            assert "LPIPS" not in heads  # which no evaluation measured
