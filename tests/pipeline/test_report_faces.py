"""Stage `report`: the faces to browse, the rejected photographs, the groups, the model card."""

import hashlib
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from evaluation_inputs import NAMES, QUALITY, RUN, put_all
from params_file import edit_keys, edit_resolved, write_resolved
from PIL import Image
from ruamel.yaml import YAML

from pipeline.pages.licences import licences_of
from pipeline.pages.scores import Scores
from pipeline.report import main
from wnet.metrics.paired import compare
from wnet.metrics.settings import Intervals

INTERVALS = Intervals(seed=1, resamples=1000)


def run(out):
    outcome = CliRunner().invoke(main, [*RUN, out])
    assert outcome.exit_code == 0, outcome.output
    return Path(out)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of the page, the input arrays, and the data of the viewer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("faces"))
        arrays = put_all({"faces": 1, "magnify": 1, "browse": 2, "rejected": 1})
        out = run("out").resolve()
        page = (out / "index.html").read_text(encoding="utf-8")
        data = re.search(r'<script type="application/json" id="viewer-data">(.*?)</script>', page)
        yield out, arrays, json.loads(data[1])


def test_views_hold_the_best_the_worst_and_those_of_every_page(made):
    faces, views = made[2]["faces"], made[2]["views"]
    named = {
        score: {order: [faces[place]["name"] for place in view] for order, view in orders.items()}
        for score, orders in views.items()
    }
    a, b, c, d, e = NAMES
    assert named["psnr"] == {
        "best": [c, b], "worst": [a, d], "shared": [c, b, d, a, e], "all": [c, b, d, a],
    }  # fmt: skip
    assert named["landmark_distance"]["best"] == [b, d]  # the smaller the better; c has none
    assert named["landmark_distance"]["worst"] == [e, a]
    assert named["identity_similarity"]["all"] == [e, b, a, d]


def test_what_every_page_shows_depends_on_the_seed_alone(project):
    put_all({"faces": 1, "magnify": 1, "browse": 1, "rejected": 0})
    shown = []
    for seed, faces in ((1, 2), (1, 2), (3, 2)):
        edit_keys(Path("params.yaml"), {"compare.seed": seed, "compare.faces": faces})
        write_resolved(Path())
        page = (run("out") / "index.html").read_text(encoding="utf-8")
        data = re.search(r'<script type="application/json" id="viewer-data">(.*?)</script>', page)
        viewer = json.loads(data[1])
        views = [viewer["views"][key]["shared"] for key in viewer["scores"]]
        (alike,) = {tuple(sorted(viewer["faces"][place]["name"] for place in v)) for v in views}
        drawn = np.random.default_rng(seed).permutation(len(NAMES))[:faces]
        assert alike == tuple(sorted(NAMES[place] for place in drawn))
        shown.append(alike)
    assert shown[0] == shown[1] != shown[2]


def test_scores_have_the_format_of_the_page(made):
    order = made[2]["scores"]
    told = {
        face["name"]: dict(zip(order, face["scores"], strict=True)) for face in made[2]["faces"]
    }
    assert told["a.jpg"]["psnr"] == {"bicubic": "20.00", "network": "20.75", "rank": "4 of 4"}
    assert told["e.jpg"]["psnr"] == {"bicubic": "∞", "network": "∞", "rank": "–"}
    assert told["c/ü.jpg"]["landmark_distance"] == {"bicubic": "4.00", "network": "–", "rank": "–"}


def test_pictures_are_those_of_their_faces_pixel_by_pixel(made):
    folder, arrays, data = made
    kinds = {"input": "lr", "bicubic": "bicubic", "network": "sr", "original": "hr"}
    for face in data["faces"]:
        row = NAMES.index(face["name"])
        for picture, key in kinds.items():
            with Image.open(folder / f"{face['file']}-{picture}.png") as image:
                np.testing.assert_array_equal(np.asarray(image), arrays[key][row])
        with Image.open(folder / f"{face['file']}-parsing.png") as image:
            np.testing.assert_array_equal(np.asarray(image), arrays["classes"][row])
            alpha = np.asarray(image.convert("RGBA"))[..., 3]
        np.testing.assert_array_equal(alpha > 0, arrays["classes"][row] > 0)
        with Image.open(folder / f"{face['file']}-skin.png") as image:
            np.testing.assert_array_equal(np.asarray(image)[..., 3], arrays["parsing"][row])
    assert len(list((folder / "faces").iterdir())) == 6 * len(data["faces"])


def test_landmarks_are_those_of_each_picture(made):
    for face in made[2]["faces"]:
        points = made[1]["points"][:, NAMES.index(face["name"])]
        for place, picture in enumerate(("original", "bicubic", "network")):
            found = face["points"][picture]
            assert (found is None) == (face["name"] == "c/ü.jpg")
            if found:
                np.testing.assert_allclose(found, points[place], atol=0.051)


def test_rejected_photographs_are_shown_small_and_without_metadata(made):
    folder = made[0]
    page = " ".join((folder / "index.html").read_text(encoding="utf-8").split())
    assert [path.name for path in folder.glob("rejected-*")] == ["rejected-no_face-1.jpg"]
    with Image.open(folder / "rejected-no_face-1.jpg") as image:
        assert image.size == (40, 20)
        assert "comment" not in image.info
        np.testing.assert_allclose(np.asarray(image).mean(axis=(0, 1)), (200, 30, 30), atol=3)
    assert "no picture</div>torn.jpg: as &lt;told&gt;" in page


def test_photographs_of_a_zip_are_shown_too_and_none_where_none_is_wanted(
    made, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    put_all({"faces": 1, "magnify": 1, "browse": 1, "rejected": 2})
    with zipfile.ZipFile("data/raw/all.zip", "w") as archive:
        for name in ("left.jpg", "b/right.png", "torn.jpg", *NAMES):
            archive.write(Path("data/raw") / name, name)
            (Path("data/raw") / name).unlink()
    assert len(list(run("out").glob("rejected-no_face-?.jpg"))) == 2
    edit_keys(Path("params.yaml"), {"report.rejected": 0})
    write_resolved(Path())
    Path("data/raw/list_attr_celeba.txt").unlink()
    rows = "".join(f'"{name}",,\n' for name in NAMES)  # no identity was measured at all
    Path("results/identity.csv").write_text(
        f"name,bicubic_identity_similarity,sr_identity_similarity\n{rows}"
    )
    page = (run("out") / "index.html").read_text(encoding="utf-8")
    assert "Examples of rejected" not in page
    assert "has no attributes of its faces" in page
    assert '"identity_similarity": {"all": [0, ' in page


def test_groups_are_those_of_the_annotation(made):
    page = (made[0] / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'role="rowheader">Male: (\w+)</th>(.*?)</tr>', page, re.DOTALL)
    cell = r'data-label="[^"]+"><data value="([^"]+)"'
    values = {has: re.findall(cell, cells) for has, cells in rows}
    # a and c are, b is not; d and e are not listed
    assert [float(value) for value in values["yes"]] == [2, 26.375, 0.85, 3.5, 0.5]
    assert [float(value) for value in values["no"]] == [1, 23.75, 0.7, 1.25, 0.75]
    assert "Bald" not in page


def test_faces_cropped_otherwise_than_the_training_faces_are_marked(made, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    put_all({"faces": 1, "magnify": 1, "browse": 1, "rejected": 0})
    edit_resolved(Path(), "report", "sample-x4", {"unlike": ["crop.rule is as_is, not told"]})
    for page in ("index.html", "model_card.md"):
        text = " ".join((run("out") / page).read_text(encoding="utf-8").split())
        assert "prepared differently from" in text
        assert "crop.rule is as_is, not told" in text
        assert "prepared differently" not in (made[0] / page).read_text(encoding="utf-8")


def test_matches_of_lists_are_on_the_page_and_the_card(made):
    card = (made[0] / "model_card.md").read_text(encoding="utf-8")
    assert "List of attributes: 3 of 4 rows match one of its 12 photographs." in card
    page = (made[0] / "index.html").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "List Rows Matched Photographs Attributes 4 3 12 Identities 17 11 12" in text
    assert "3 train, 1 validation and 5 test faces; 2 are in none of the three sets." in text


def test_the_model_card_is_filled_in(made):
    card = (made[0] / "model_card.md").read_text(encoding="utf-8")
    assert "278,807 parameters" in card
    assert hashlib.sha256(b"weights").hexdigest() in card
    assert "excludes commercial use" in card
    assert "no real person is shown" in card
    assert "rejected were 2 for “no face”, 1 for “unreadable”." in card
    assert "| Male: yes | 2 | 26.38 | 0.8500 | 3.50 | 0.5000 |" in card
    tables = re.findall(r"(?:^\|.*\|\n)+", card, re.MULTILINE)
    assert len(tables) == 2
    for table in tables:
        assert len({row.count("|") for row in table.splitlines()}) == 1
    assert not re.search(r"\n\n\n|&\w+;|\{[{%]", card)


def test_the_cards_head_is_what_model_hubs_read(made):
    card = (made[0] / "model_card.md").read_text(encoding="utf-8")
    _, head, _ = card.split("---\n", 2)
    assert card.startswith("---\n")
    read = YAML(typ="safe").load(head)
    assert (read["license"], read["datasets"]) == ("other", ["sample"])
    assert {"face-super-resolution", "wnet"} <= set(read["tags"])
    (model,) = read["model-index"]
    (result,) = model["results"]
    values = {metric["type"]: metric["value"] for metric in result["metrics"]}
    assert (model["name"], result["dataset"]["type"]) == ("sample-x4", "sample")
    assert values["psnr"] == pytest.approx(QUALITY["sr"]["psnr"]["rgb"])
    assert values["landmark_distance"] == 8.76543
    assert values["identity_similarity"] == 0.8123
    assert read["metrics"] == list(values)
    assert "lpips" not in values  # not measured


def test_the_headline_has_the_first_net_and_the_details_have_all():
    nets = {"vgg": 0.25, "alex": 0.5}
    scores = Scores(
        quality={"sr": {"lpips": nets}, "bicubic": {"lpips": {"vgg": 0.75, "alex": None}}},
        landmarks={"sr": {"missed": 9}, "bicubic": {"missed": 0}},
        identity={"sr": {}},
        paired={
            "vgg_lpips": compare(np.full(40, 0.25), np.full(40, 0.75), False, INTERVALS),
            "missed": compare(np.arange(40) < 9, np.arange(40) < 0, False, INTERVALS),
        },
    )
    first = scores.headline["lpips"]
    assert (first.score.label, first.network, first.difference) == ("LPIPS (vgg)", 0.25, -0.5)
    assert first.verdict == "better"
    assert not scores.headline["psnr"].measured
    vgg, alex, psnr, ssim = scores.in_detail(["quality"], 4)
    assert [(group.title, len(group.rows)) for group in (vgg, alex)] == [("vgg", 1), ("alex", 1)]
    assert (alex.rows[0].difference, alex.rows[0].verdict) == (None, "unknown")
    assert [(group.title, group.remark) for group in (psnr, ssim)] == [
        ("PSNR", "not measured"),
        ("SSIM", "not measured"),
    ]
    missed, *absent = scores.in_detail(["landmarks", "identity"], 4)
    assert (missed.title, missed.rows[0].difference, missed.rows[0].verdict) == (None, 9, "worse")
    assert [group.title for group in absent] == ["Landmark distance", "Identity similarity"]


def test_licences_follow_what_was_used():
    scores = Scores(
        quality={"sr": {"lpips": {"alex": 1}}, "bicubic": {"lpips": {"alex": 1}}},
        landmarks={"method": "fan", "sr": {}},
        identity={"network": "adaface", "sr": {}},
        paired={},
    )
    learnt = {"datasets": ["celeba", "own"]}
    trained = {"faces": {"landmarks": "fan"}, "weights": {"vgg19": "ab12"}, "parameters": learnt}
    found = licences_of("mine", trained, {"method": "bisenet"}, scores)
    assert "non-commercial" in found["Training data, celeba"]
    assert "must state it" in found["Test data, mine"]
    assert "must state it" in found["Training data, own"]
    assert "VGG-19" in found["Perceptual loss"]
    assert {"Parsing maps of mine", "LPIPS, to score", "Identity, to score"} <= found.keys()
    trained |= {"weights": {}, "parameters": {"datasets": ["mine"]}}
    assert len(licences_of("mine", trained, {"method": "bisenet"}, scores)) == 6


def test_digests_and_weights_are_in_the_configuration(made):
    page = (made[0] / "index.html").read_text(encoding="utf-8")
    digest = hashlib.sha256(Path(made[0].parent / "results/sr.h5").read_bytes()).hexdigest()
    assert f"<td>{digest}</td>" in page
    assert re.search(r">weights.fan</th><td>ab12</td>", page)
