"""The stage `crop`: exact on drawn faces, correct for every unusual file, and independent of the
number of processes and of a kill."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from pipeline import crop
from wnet.data.shards import Shards


@pytest.fixture
def photographs(project, drawn_faces):
    """A dataset of drawn faces, a picture without a face, and two files that are not pictures."""
    folder = project / "data/raw/sample"
    (folder / "deep").mkdir(parents=True)
    for number, face in enumerate(drawn_faces):
        Image.fromarray(face.image).save(folder / f"deep/{number}.png")
    Image.new("RGB", (100, 80), "green").save(folder / "lawn.png")
    (folder / "text.jpg").write_text("no picture")
    (folder / "readme.txt").write_text("no picture either")
    return folder


def run(raw="data/raw/sample", out="data/crop/sample"):
    arguments = ["sample", str(raw), out, f"{out}.json", "metrics/crop/sample.json"]
    result = CliRunner().invoke(crop.main, arguments)
    assert result.exit_code == 0, result.output
    return result


def ledger(folder) -> dict[str, str]:
    with (folder / "rejected.csv").open(newline="") as file:
        return {row["name"]: row["reason"] for row in csv.DictReader(file)}


def test_drawn_faces_are_cropped_in_their_places(project, photographs, drawn_faces):
    run()
    shards = Shards(project / "data/crop/sample")
    faces = shards.take(shards.names, "hr", "points", "box", "faces")
    assert list(shards.names) == [f"deep/{number}.png" for number in range(8)]
    assert ledger(project / "data/crop/sample") == {"lawn.png": "no face", "text.jpg": "unreadable"}
    counts = json.loads((project / "data/crop/sample.json").read_text())
    assert (counts["found"], counts["cropped"], counts["other_files"]) == (10, 8, 1)
    headline = json.loads((project / "metrics/crop/sample.json").read_text())
    assert headline == {"cropped": 8, "enlarged": 0, "lists": {}}
    said = (project / "data/crop/sample.unmatched.csv").read_text()
    assert said == "list,line,name,remark\n"
    assert faces["hr"].shape == (8, 64, 64, 3)
    errors = []
    for row, face in enumerate(drawn_faces):
        x0, y0, x1, _ = faces["box"][row]
        truth = (face.points - (x0, y0) + 0.5) * 64 / (x1 - x0) - 0.5
        eyes = np.linalg.norm(truth[36] - truth[45])
        errors.append(np.linalg.norm(faces["points"][row] - truth, axis=1).mean() / eyes)
    assert np.median(errors) < 0.06
    assert max(errors) < 0.25  # dlib's own error on its worst face; a wrong scale or place is more


def test_pixels_are_those_of_pillow(project, photographs, drawn_faces):
    run()
    shards = Shards(project / "data/crop/sample")
    faces = shards.take(shards.names, "hr", "box")
    box = tuple(faces["box"][0].tolist())
    expected = Image.fromarray(drawn_faces[0].image).crop(box)
    inside = min(box) >= 0 and max(box) <= 256
    assert inside
    np.testing.assert_array_equal(
        faces["hr"][0], expected.resize((64, 64), Image.Resampling.BICUBIC)
    )


def test_bytes_do_not_depend_on_workers_or_a_kill(project, photographs, edit_params, monkeypatch):
    edit_params({"recipes.sample.crop.faces_per_shard": 3})
    run(out="data/crop/undisturbed")
    done = []
    work = crop.crop_block

    def killed_after_two(block):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(block.shard.name)
        return work(block)

    with monkeypatch.context() as patch:
        patch.setattr(crop, "crop_block", killed_after_two)
        arguments = ["sample", "data/raw/sample", "data/crop/killed", "counts.json", "m.json"]
        CliRunner().invoke(crop.main, arguments)
    assert not (project / "data/crop/killed").exists()
    kept = sorted((project / ".scratch").glob("crop-sample-*/out/*.h5"))
    written = [path.stat().st_mtime_ns for path in kept]
    assert len(kept) == 2
    monkeypatch.setenv("WNET_WORKERS", "2")
    run(out="data/crop/killed")
    for path in (project / "data/crop/undisturbed").iterdir():
        other = project / "data/crop/killed" / path.name
        assert other.read_bytes() == path.read_bytes(), path.name
    assert [
        (project / "data/crop/killed" / path.name).stat().st_mtime_ns for path in kept
    ] == written, "a finished shard was computed again"


def test_unreadable_formats_are_listed_with_the_software_that_reads_them(project, photographs):
    (photographs / "phone.HEIC").write_bytes(b"\xff\x0a" + bytes(90))  # JPEG XL, by its content
    (photographs / "camera.dng").write_bytes(b"II*\0\x10\0\0\0CR\2\0" + bytes(90))
    (photographs / "@eaDir/lawn.png").mkdir(parents=True)
    (photographs / "@eaDir/lawn.png/SYNOPHOTO_THUMB_XL.jpg").write_bytes(b"thumbnail")
    run()
    with (project / "data/crop/sample/rejected.csv").open(newline="") as file:
        rows = {row["name"]: (row["reason"], row["detail"]) for row in csv.DictReader(file)}
    assert rows["phone.HEIC"] == (
        "no decoder",
        "JPEG XL: djxl of libjxl converts it to JPEG or PNG",
    )
    assert rows["camera.dng"][0] == "no decoder"
    counts = json.loads((project / "data/crop/sample.json").read_text())
    assert counts["rejected"]["no_decoder"] == 2
    assert (counts["found"], counts["other_files"], counts["passed_over"]) == (12, 1, 1)


def test_photographs_with_the_same_pixels_are_used_once(
    project, photographs, drawn_faces, edit_params
):
    """Also if they are in another block or format, or have no face."""
    edit_params({"recipes.sample.crop.faces_per_shard": 3})
    run(out="data/crop/before")
    (photographs / "again").mkdir()
    for number in (0, 5):
        Image.fromarray(drawn_faces[number].image).save(photographs / f"again/{number}.bmp")
    Image.fromarray(drawn_faces[1].image).save(photographs / "deep/1 (copy).webp", lossless=True)
    Image.new("RGB", (100, 80), "green").save(photographs / "lawn2.png")
    Image.new("RGB", (80, 100), "green").save(photographs / "tall.png")  # as many pixels
    run()
    folder = project / "data/crop/sample"
    with (folder / "rejected.csv").open(newline="") as file:
        rows = {row["name"]: (row["reason"], row["detail"]) for row in csv.DictReader(file)}
    assert rows["deep/0.png"] == ("copy", "the same pixels as again/0.bmp")
    assert rows["deep/5.png"] == ("copy", "the same pixels as again/5.bmp")
    assert rows["deep/1.png"] == ("copy", "the same pixels as deep/1 (copy).webp")
    assert rows["lawn2.png"] == ("copy", "the same pixels as lawn.png")
    assert rows["tall.png"][0] == "no face"
    assert list(rows) == sorted(rows)
    counts = json.loads((project / "data/crop/sample.json").read_text())
    assert (counts["found"], counts["cropped"], counts["rejected"]["copy"]) == (15, 8, 4)
    one, other = Shards(project / "data/crop/before"), Shards(folder)
    assert set(other.names) == {"again/0.bmp", "again/5.bmp", "deep/1 (copy).webp"} | {
        f"deep/{number}.png" for number in (2, 3, 4, 6, 7)
    }
    named = {"deep/0.png": "again/0.bmp", "deep/1.png": "deep/1 (copy).webp"}
    named["deep/5.png"] = "again/5.bmp"
    for key in ("hr", "points", "box"):
        same = other.take([named.get(name, name) for name in one.names], key)[key]
        np.testing.assert_array_equal(same, one.take(one.names, key)[key])


def test_copies_are_taken_back_the_same_after_a_kill(
    project, photographs, drawn_faces, edit_params
):
    edit_params({"recipes.sample.crop.faces_per_shard": 2})
    for number in range(3):  # a shard of copies only, and one of a copy and another face
        Image.fromarray(drawn_faces[number].image).save(photographs / f"a{number}.bmp")
    run(out="data/crop/undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crop, "write_index", lambda _: 1 / 0)
        CliRunner().invoke(crop.main, ["sample", str(photographs), "killed", "c.json", "m.json"])
    assert not (project / "killed").exists()
    run(out="data/crop/again")
    pairs = [sorted((project / f"data/crop/{one}").iterdir()) for one in ("undisturbed", "again")]
    assert [path.name for path in pairs[0]] == [path.name for path in pairs[1]]
    for one, other in zip(*pairs, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_cropped_faces_are_used_even_without_landmarks(project, photographs, edit_params):
    edit_params({"recipes.sample.crop.rule": "centre"})
    run()
    shards = Shards(project / "data/crop/sample")
    points = shards.take(shards.names, "points")["points"]
    assert "lawn.png" in shards.names
    assert np.isnan(points[list(shards.names).index("lawn.png")]).all()
    counts = json.loads((project / "data/crop/sample.json").read_text())
    assert counts["without_landmarks"] == 1
    assert counts["rejected"]["no_face"] == 0


def test_landmarks_that_contradict_celebas_five_points_are_rejected(
    project, photographs, drawn_faces, edit_params
):
    edit_params({"crop.max_disagreement": 0.3})
    lines = []
    for number, face in enumerate(drawn_faces):
        eyes = [face.points[36:42].mean(0), face.points[42:48].mean(0)]
        five = np.array([*eyes, face.points[30], face.points[48], face.points[54]])
        five += 80 if number == 3 else 0
        lines.append(f"{number}.png " + " ".join(f"{value:.0f}" for value in five.ravel()))
    (photographs / "list_landmarks_celeba.txt").write_text("\n".join(lines))
    run()
    assert ledger(project / "data/crop/sample")["deep/3.png"] == "landmarks disagree"
    assert len(Shards(project / "data/crop/sample")) == 7


def test_a_photograph_that_is_not_square_is_never_distorted(project, photographs, edit_params):
    edit_params({"recipes.sample.crop.rule": "as_is"})
    run()
    assert ledger(project / "data/crop/sample")["lawn.png"] == "not square"
    edit_params({"recipes.sample.crop.rule": "centre"})
    lawn = np.full((80, 100, 3), 60, np.uint8)
    lawn[:, 10:90] = 200
    Image.fromarray(lawn).save(photographs / "lawn.png")
    run()
    shards = Shards(project / "data/crop/sample")
    assert (shards.take(["lawn.png"], "hr")["hr"] == 200).all()


def test_enlarged_faces_are_left_out_or_else_counted(
    project, photographs, drawn_faces, edit_params
):
    """Faces of 40 pixels are no ground truth for 64."""
    small = Image.fromarray(drawn_faces[1].image).resize((80, 80), Image.Resampling.BICUBIC)
    small.save(photographs / "small.png")
    run()
    assert ledger(project / "data/crop/sample")["small.png"] == "too small"
    assert json.loads((project / "metrics/crop/sample.json").read_text())["enlarged"] == 0
    edit_params({"recipes.sample.crop.min_side": 0})
    run()
    assert json.loads((project / "metrics/crop/sample.json").read_text())["enlarged"] == 1
    assert "small.png" in Shards(project / "data/crop/sample").names


def test_a_photograph_upside_down_is_cropped_as_the_upright_one(
    project, photographs, drawn_faces, edit_params
):
    for number in (0, 3):
        turned = Image.fromarray(drawn_faces[number].image).transpose(Image.Transpose.ROTATE_180)
        turned.save(photographs / f"turned{number}.png")
    run()
    shards = Shards(project / "data/crop/sample")
    for number in (0, 3):
        pair = [f"deep/{number}.png", f"turned{number}.png"]
        faces = shards.take(pair, "points", "box", "turn")
        assert faces["turn"].tolist() == [0, 180]
        # An enlarged search may have found the rotated one, whose box differs by a few pixels.
        np.testing.assert_allclose(*faces["points"], atol=3)
        np.testing.assert_allclose(*faces["box"], atol=8)
    assert json.loads((project / "data/crop/sample.json").read_text())["turned"] == 2


def test_all_faces_of_a_group_have_keys_of_their_own(
    project, photographs, drawn_faces, edit_params
):
    """The largest face has the photograph's name, and the small one is found by enlarging."""
    group = np.full((256, 600, 3), 128, np.uint8)
    group[:, :256] = drawn_faces[0].image
    for number, (side, x) in enumerate(((200, 270), (100, 490)), start=1):
        face = Image.fromarray(drawn_faces[number].image).resize((side, side))
        group[20 : 20 + side, x : x + side] = face
    Image.fromarray(group).save(photographs / "group.png")
    (photographs / "list_bbox_celeba.txt").write_text("0.png 60 60 130 130\n")
    edit_params({"recipes.sample.crop.faces": "all", "recipes.sample.crop.min_side": 0})
    run()
    shards = Shards(project / "data/crop/sample")
    keys = ["group.png", "group.png#2", "group.png#3"]
    assert set(keys) <= set(shards.names)
    faces = shards.take(keys, "box", "faces")
    assert faces["faces"].tolist() == [3, 3, 3]
    sides = faces["box"][:, 2] - faces["box"][:, 0]
    assert (np.diff(sides) < 0).all()
    middles = faces["box"][:, [0, 2]].mean(axis=1)
    np.testing.assert_allclose(middles, [128, 370, 540], atol=25)
    counts = json.loads((project / "data/crop/sample.json").read_text())
    assert (counts["found"], counts["cropped"], counts["further_faces"]) == (11, 11, 2)


def test_nothing_that_can_be_cropped_is_an_error(project):
    (project / "data/raw/sample").mkdir(parents=True)
    Image.new("RGB", (50, 50)).save(project / "data/raw/sample/a.png")
    result = CliRunner().invoke(
        crop.main, ["sample", "data/raw/sample", "out", "counts.json", "m.json"]
    )
    assert result.exit_code == 1
    assert "none of 1 photographs could be cropped" in result.output
    assert not (project / "out").exists()


CROPPED = [
    *("good.jpg", "cmyk.jpg", "gray.jpg", "gray16.png", "rgb16.png", "rgba.png", "palette.png"),
    *("png_named.jpg", "webp.webp", "bmp.bmp", "anim.gif", "name with spaces é 人.jpg"),
    *("exif_rotated.jpg", "two_faces.jpg"),
]
REJECTED = {
    "truncated.jpg": "unreadable",
    "empty.jpg": "unreadable",
    "text.jpg": "unreadable",
    "one_pixel.png": "no face",
    "tiny_face.png": "no face",
    "no_face.jpg": "no face",
    "bomb.png": "oversized",
}


def test_every_odd_file_has_the_right_outcome(project, real_data):
    run(raw=real_data / "bad")
    folder = project / "data/crop/sample"
    shards = Shards(folder)
    names = shards.names.tolist()
    rejected = ledger(folder)
    copied = {name for name, reason in rejected.items() if reason == "copy"}
    assert set(CROPPED) <= set(names) | copied
    assert {name: rejected[name] for name in REJECTED} == REJECTED
    either = set(names) | set(rejected)
    assert {"bitflipped.jpg", "face_at_edge.jpg"} <= either
    faces = shards.take(names, "hr", "points", "faces")
    good = faces["points"][names.index("cmyk.jpg")]
    for name in set(CROPPED[:12]) - copied:
        points = faces["points"][names.index(name)]
        assert np.abs(points - good).max() < 4, f"{name}: not the same face"
    assert faces["faces"][names.index("two_faces.jpg")] == 2
    gray = faces["hr"][names.index("gray.jpg")]
    assert (gray[..., 0] == gray[..., 1]).all()


def test_aligned_photographs_are_nearly_all_found(project, real_data):
    """dlib's detector finds 792 of the 800; of every tenth, which are used here, it finds 78."""
    folder = project / "data/raw/sample"
    folder.mkdir(parents=True)
    for path in sorted((real_data / "celebamask/images").iterdir())[::10]:
        (folder / path.name).symlink_to(path)
    run()
    counts = json.loads((project / "data/crop/sample.json").read_text())
    assert counts["found"] == 80
    assert counts["cropped"] >= 78


def annotate(folder, drawn_faces, wrong):
    """Write CelebA's points of the drawn faces, wrong for one, and of a missing photograph."""
    eyes = [list(range(36, 42)), list(range(42, 48))]
    rows = []
    for number, face in enumerate(drawn_faces):
        five = [face.points[eye].mean(axis=0) for eye in eyes] + list(face.points[[30, 48, 54]])
        moved = np.array(five) + (60 if number == wrong else 0)
        rows.append(f"{number}.jpg " + " ".join(f"{value:.0f}" for value in moved.flatten()))
    titles = " ".join(f"p{number}" for number in range(10))
    (folder / "Anno").mkdir()
    text = "\r\n".join(["9", titles, *rows, "99.jpg 1 2 3 4 5 6 7 8 9 10", ""])
    (folder / "Anno/LIST_LANDMARKS_CELEBA.TXT").write_text(text, "utf-8-sig", newline="")


def test_celebas_points_are_used_where_they_are_and_counted(project, photographs, drawn_faces):
    annotate(photographs, drawn_faces, wrong=3)
    run()
    rejected = ledger(project / "data/crop/sample")
    assert rejected["deep/3.png"] == "landmarks disagree"
    counts = json.loads((project / "data/crop/sample.json").read_text())
    assert counts["lists"] == {"points": {"rows": 9, "matched": 8, "photographs": 10}}
    headline = json.loads((project / "metrics/crop/sample.json").read_text())
    assert headline["lists"] == {"points": "8 of 9 rows"}
    with (project / "data/crop/sample.unmatched.csv").open(newline="") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert rows == [
        ("points", "11", "99.jpg", "no such photograph"),
        ("points", "", "lawn.png", "in no row"),
        ("points", "", "text.jpg", "in no row"),
    ]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("list_attr_celeba.txt", "Male\n0.jpg 1 1\n", "list_attr_celeba.txt:2: not a name and 1"),
        ("list_bbox_celeba.csv", "x.jpg,1,2,3,4\n", "none of its 1 rows matches a photograph"),
        ("people.txt", "0.jpg \udce9\n", "people.txt:1: not UTF-8 text"),
    ],
)
def test_a_wrong_list_of_any_later_stage_is_refused_before_any_work(
    project, photographs, edit_params, file, text, said
):
    if file == "people.txt":
        edit_params({"recipes.sample.splits.fractions.identities": file})
    (photographs / file).write_text(text, "utf-8", "surrogateescape")
    arguments = ["sample", "data/raw/sample", "out", "out.json", "metrics.json"]
    result = CliRunner().invoke(crop.main, arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert not list(project.glob(".scratch/*/out/*.h5"))


def test_errors_of_later_stages_are_warnings(project, photographs, edit_params):
    (photographs / "Identity_CelebA.txt").write_text("0.jpg 1\n")
    (photographs / "more.tar.gz").write_bytes(b"packed")
    said = run().stderr
    assert "warning: data/raw/sample/more.tar.gz: an archive, which is not opened" in said
    assert "warning: splits.sample-fractions: the split leaves no face for validation" in said
    assert "Identity_CelebA.txt: named like one of CelebA's files, but not used" in said


def test_the_wrong_face_in_a_zip_of_windows_is_rejected(project, real_data):
    folder = project / "data/raw/sample"
    folder.mkdir(parents=True)
    for file in ("celwinzip.zip", "list_landmarks_celeba.txt"):
        (folder / file).write_bytes((real_data / "cases" / file).read_bytes())
    run()
    rejected = ledger(project / "data/crop/sample")
    assert rejected == {"img_celeba/000004.jpg": "landmarks disagree"}
