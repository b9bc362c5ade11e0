"""Stage `report`: a page of one evaluation whose every figure and pixel is that of its inputs."""

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from evaluation_inputs import BICUBIC, DETAILS, GAIN, NAMES, RUN, put_all, shard
from params_file import edit_resolved
from PIL import Image

from pipeline.pages.pages import signed
from pipeline.report import main
from wnet.data.shards import read_shard
from wnet.metrics.paired import compare
from wnet.metrics.settings import Intervals

INTERVALS = Intervals(seed=1, resamples=10_000)  # as params.yaml has it
ORDER = ["c/ü.jpg", "a.jpg", "d.jpg", "<b>&amp;.jpg"]  # by gain; e.jpg has none


class Page(HTMLParser):
    """Tags with their attributes, exact and shown values of <data>, text; tags must be balanced."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.data, self.text, self.opened = [], [], "", []
        self.feed(path.read_text(encoding="utf-8"))
        assert not self.opened

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "img", "input", "source"):
            self.opened.append(tag)
        if tag == "data":
            self.data.append([dict(attrs)["value"], ""])

    def handle_endtag(self, tag):
        assert self.opened.pop() == tag

    def handle_data(self, text):
        self.text += f" {text}"
        if self.opened and self.opened[-1] == "data":
            self.data[-1][1] += text


def leaves(tree):
    return [leaf for value in tree.values() for leaf in leaves(value)] if isinstance(
        tree, dict
    ) else [tree]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The stage run twice: the working folder, the arrays, and the page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("report"))
        arrays = put_all({"faces": 9, "magnify": 2, "browse": 2, "rejected": 1})
        Path("first").mkdir()
        Path("first/stale.png").touch()
        for out in ("first", "second"):
            run = CliRunner().invoke(main, [*RUN, out])
            assert run.exit_code == 0, run.output
        yield Path.cwd(), arrays, Page(Path("first/index.html"))


def test_grid_shows_the_chosen_faces_pixel_by_pixel(made):
    folder, arrays, _ = made
    grid = np.asarray(Image.open(folder / "first/grid.png"))
    # pictures of 64 x 2 = 128: gaps of 5, lines of 14, 5 + 2 x 14 + 2 above, 128 + 14 + 5 a row
    assert grid.shape == (35 + 4 * 147, 5 + 8 * 133, 3)
    for row, name in enumerate(ORDER):
        for column, key in enumerate(("lr", "bicubic", "sr", "hr", "parsing", "skin")):
            picture = arrays[key][NAMES.index(name)]
            factor = 128 // len(picture)
            picture = np.kron(picture.reshape(*picture.shape[:2], -1), np.ones((factor, factor, 1)))
            x, y = 5 + 133 * column, 35 + 147 * row
            np.testing.assert_array_equal(
                grid[y : y + 128, x : x + 128], np.broadcast_to(picture, (128, 128, 3))
            )


def test_every_metric_is_on_the_page_and_every_number_is_rounded_right(made):
    page = made[2]
    exact = {float(value) for value, _ in page.data}
    for stage in ("quality", "landmarks", "identity"):
        content = DETAILS[f"results/{stage}.json"]
        numbers = [leaf for leaf in leaves(content) if not isinstance(leaf, str)]
        assert {*numbers} - {1, 5} <= exact  # except the counts of faces, which are in sentences
    assert {1234, 278807, 12, 9, 2, 4} <= exact
    differences = (-2.25 / 4, 2 / 4, 1.5 / 4)  # over the faces for which both have a score
    assert all(np.isclose(list(exact), value, atol=1e-6).any() for value in differences)
    for value, shown in page.data:
        text = shown.replace("−", "-").replace("±", "").replace(",", "")
        digits = len(text.partition(".")[2])
        assert abs(float(text) - float(value)) <= 0.5 * 10**-digits + 1e-12, (value, shown)


def test_the_page_describes_its_content(made):
    text = " ".join(made[2].text.split())
    assert "not comparable with the paper’s results" in text
    assert "The paper’s results" not in text
    assert "Not measured: LPIPS." in text
    assert text.count("not measured") == 1  # among the protocols
    gain = compare(np.add(BICUBIC, GAIN), np.array(BICUBIC), True, INTERVALS)
    low, high = signed(gain.low, 2), signed(gain.high, 2)
    assert f"+0.38 no difference seen {low} to {high} better on 2 of 5 faces" in text
    assert "equal their originals, and are left out of the mean PSNR: 1." in text
    [grid] = [attrs["alt"] for _, attrs in made[2].tags if attrs.get("src") == "grid.png"]
    places = [grid.index(name) for name in ORDER]
    assert places == sorted(places)
    assert "a.jpg 20.00, 20.75;" in grid
    assert "On 5 faces, W-Net is better than bicubic interpolation in SSIM" in text
    assert "Fewer than 30 faces are unreliable." in text
    assert "loss.pixel 0.125" in text
    assert "keys 1, x" in text
    assert "Validation PSNR 25.5 at epoch 2" in text


def test_pictures_exist_and_are_described_and_nothing_else_is_loaded(made):
    folder, _, page = made
    assert not {"iframe", "object"} & {tag for tag, _ in page.tags}
    images = [attrs for tag, attrs in page.tags if tag == "img" and "src" in attrs]
    assert len({attrs["alt"] for attrs in images}) == len(images) == 16
    for attrs in images:
        with Image.open(folder / "first" / attrs["src"]) as image:
            assert image.size == (int(attrs["width"]), int(attrs["height"]))
    named = {a[key].split("/")[0] for _, a in page.tags for key in ("src", "srcset") if key in a}
    assert {path.name for path in (folder / "first").iterdir()} == named | {
        "index.html", "faces", "faces.csv", "model_card.md",
    }  # fmt: skip
    links = {attrs["href"] for tag, attrs in page.tags if tag in ("a", "link")}
    anchors = {f"#{attrs['id']}" for _, attrs in page.tags if "id" in attrs}
    assert links - anchors == {"../index.html", "data:,", "grid.png", "faces.csv", "model_card.md",
                               "https://arxiv.org/abs/2406.00676"}  # fmt: skip
    tables = [tag for tag, _ in page.tags if tag in ("table", "caption")]
    assert tables == ["table", "caption"] * (len(tables) // 2)
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")


def test_the_first_pictures_are_of_the_face_of_median_gain(made):
    median = sorted(ORDER, key=lambda name: -GAIN[NAMES.index(name)])[len(ORDER) // 2]
    first = [attrs for tag, attrs in made[2].tags if tag == "img" and "src" in attrs][:5]
    assert [attrs["alt"] for attrs in first] == [
        f"Input, 16×16: {median}", f"Bicubic: {median}", f"W-Net: {median}", "",
        f"Original: {median}",
    ]  # fmt: skip
    for attrs, key in zip(first, ("lr", "bicubic", "sr", "bicubic", "hr"), strict=True):
        shown = np.asarray(Image.open(made[0] / "first" / attrs["src"]))
        np.testing.assert_array_equal(shown, made[1][key][NAMES.index(median)])


def test_counts_of_zero_are_in_a_sentence_and_not_in_rows(made):
    text = " ".join(made[2].text.split())
    assert "None was rejected for: too small." in text
    assert "Rejected: no face 2 Rejected: unreadable 1 Cropped 9 Found 12" in text
    assert "Rejected: too small" not in text


def test_losses_are_drawn_times_their_weights(made):
    alts = {attrs["src"]: attrs["alt"] for tag, attrs in made[2].tags if "src" in attrs}
    assert "total from 300 at epoch 1 to 100 at epoch 3" in alts["loss.png"]
    assert "0.5 × pixel from 50 at epoch 1 to 10 at epoch 3" in alts["loss.png"]
    assert "eyes from 10 at epoch 1" in alts["regions.png"]
    assert "half of the faces are above: Bicubic 0.125, W-Net 0.625" in alts["fig6.png"]


def test_every_score_of_every_face_can_be_downloaded(made):
    lines = (made[0] / "first/faces.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("name,bicubic_rgb_psnr,sr_rgb_psnr,bicubic_rgb_ssim,")
    assert lines[0].endswith(",bicubic_identity_similarity,sr_identity_similarity")
    assert [line.split(",")[:3] for line in lines[1::2]] == [
        ["a.jpg", "20.0", "20.75"], ["c/ü.jpg", "30.0", "32.0"], ["e.jpg", "inf", "inf"],
    ]  # fmt: skip
    assert lines[3].endswith(",0,1,0.125,")  # what was not measured is left empty


def test_the_training_is_shown_from_its_first_picture_to_its_last(made):
    images = [attrs.get("src", "") for tag, attrs in made[2].tags if tag == "img"]
    assert [name for name in images if "progress" in name] == ["progress-1.png", "progress-10.png"]
    assert "Validation faces after epoch 10, by row: input, estimated skin map" in made[2].text


def test_a_network_without_a_parsing_map_has_a_page_of_its_own_name(made, monkeypatch, tmp_path):
    shutil.copytree(made[0], tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    edit_resolved(Path(), "report", "sample-x4", {"title": "EDSR"})
    trained = DETAILS["model/training.json"] | {"network": "edsr"}
    Path("model/training.json").write_text(json.dumps(trained))
    columns = read_shard(Path("results/sr.h5"))
    del columns["parsing"]
    shard(Path("results/sr.h5"), **columns)
    Path("model/curves/validation/parsing_iou.tsv").unlink()
    run = CliRunner().invoke(main, [*RUN, "out"])
    assert run.exit_code == 0, run.output
    page = Page(Path("out/index.html"))
    assert "EDSR enlarges" in page.text
    assert "by row: input, network, original" in page.text
    assert "parsing_iou" not in str(page.tags)
    assert page.text.count("W-Net") < made[2].text.count("W-Net")


def test_second_run_gives_the_same_bytes_and_leaves_nothing_behind(made):
    folder = made[0]
    first, second = (
        {p.relative_to(out): p.read_bytes() for p in Path(out).rglob("*") if p.is_file()}
        for out in (folder / "first", folder / "second")
    )
    assert first == second
    assert not list(folder.glob(".*.part"))
    assert str(folder).encode() not in b"".join(first.values())


def test_results_of_other_faces_are_an_error_that_says_what_to_do(made, monkeypatch):
    monkeypatch.chdir(made[0])
    shard(Path("data/other.h5"), name=np.array(NAMES[::-1]), points=np.zeros((5, 68, 2)))
    run = CliRunner().invoke(main, [*RUN[:5], "data/other.h5", *RUN[6:], "wrong/out"])
    assert run.exit_code == 1
    assert "data/other.h5 and quality.csv have different faces; run `dvc repro`" in run.output
    assert not Path("wrong/out").exists()
