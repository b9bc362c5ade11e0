"""CelebA's files are found as downloaded, used if they fit, and reported if not."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from wnet.photographs import annotations
from wnet.photographs.annotations import named, official, read_annotation, unused
from wnet.photographs.folder import find_photographs

BOXES = "1\nimage_id x_1 y_1 width height\n000001.jpg 95 71 226 313\n"
POINTS = "1\nlefteye_x lefteye_y\n000001.jpg 1 2 3 4 5 6 7 8 9 10\n".replace(
    "lefteye_x lefteye_y", " ".join(f"p{n}" for n in range(10))
)
ALIGNED = POINTS.replace("1 2 3", "69 109 106")
WILD_SIZE, ALIGNED_SIZE = (30, 20), (178, 218)


def picture(size):
    data = io.BytesIO()
    Image.new("RGB", size).save(data, "PNG")
    return data.getvalue()


def fill(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def pack(folder, files, separator="/"):
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo("x")
            entry.filename = entry.orig_filename = name.replace("/", separator)
            archive.writestr(entry, content)


def csv(text):
    """As Kaggle writes it."""
    return "\n".join(
        line.replace(" ", ",") if "image_id" in line else "image_id," + line.replace(" ", ",")
        if "p0" in line else line.replace(" ", ",") for line in text.splitlines()[1:]
    )  # fmt: skip


LAYOUTS = {
    "flat": {
        "000001.jpg": WILD_SIZE,
        "list_bbox_celeba.txt": BOXES,
        "list_landmarks_celeba.txt": POINTS,
    },
    "as downloaded": {
        "Img/img_celeba/000001.jpg": WILD_SIZE,
        "Anno/list_bbox_celeba.txt": BOXES,
        "Anno/list_landmarks_celeba.txt": POINTS,
        "Anno/list_landmarks_align_celeba.txt": ALIGNED,
    },
    "upper case": {
        "IMG/000001.JPG": WILD_SIZE,
        "ANNO/LIST_BBOX_CELEBA.TXT": BOXES.replace("\n", "\r\n"),
        "ANNO/LIST_LANDMARKS_CELEBA.TXT": POINTS,
    },
    "tables": {
        "img_celeba/img_celeba/000001.png": WILD_SIZE,
        "list_bbox_celeba.csv": csv(BOXES),
        "list_landmarks_celeba.csv": "\ufeff" + csv(POINTS),
    },
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("place", ["folder", "zip", "zip of Windows"])
def test_the_annotation_of_the_photographs_in_the_wild(tmp_path, layout, place):
    files = {n: picture(c) if isinstance(c, tuple) else c for n, c in layout.items()}
    if place == "folder":
        fill(tmp_path, files)
    else:
        pack(tmp_path, files, "\\" if "Windows" in place else "/")
    photographs = find_photographs(tmp_path)
    found = read_annotation(photographs, 10**6)
    (name,) = photographs.names
    np.testing.assert_array_equal(found.boxes[name], [95, 71, 226, 313])
    np.testing.assert_array_equal(found.points[name], range(1, 11))
    counts = {"rows": 1, "matched": 1, "photographs": 1}
    assert {what: one.counts() for what, one in found.matches.items()} == {
        "boxes": counts, "points": counts
    }  # fmt: skip


def test_aligned_photographs_have_their_own_points_and_no_boxes(tmp_path):
    fill(tmp_path, {
        "img_align_celeba/000001.jpg": picture(ALIGNED_SIZE),
        "list_bbox_celeba.csv": csv(BOXES),
        "list_landmarks_align_celeba.csv": csv(ALIGNED),
        "list_eval_partition.csv": "image_id,partition\n000001.jpg,0\n",
    })  # fmt: skip
    photographs = find_photographs(tmp_path)
    found = read_annotation(photographs, 10**6)
    assert found.boxes == {}
    np.testing.assert_array_equal(found.points["img_align_celeba/000001.jpg"][:3], [69, 109, 106])
    left = [name.rpartition("/")[2] for name in unused(photographs, found.matches.values())]
    assert left == ["list_bbox_celeba.csv", "list_eval_partition.csv"]


def test_unused_files_of_celeba_are_reported(tmp_path):
    others = (
        "Anno/list_landmarks_celeba (1).txt", "Img/img_celeba.7z.001", "CelebAMask-HQ-pose-anno.txt"
    )  # fmt: skip
    fill(tmp_path, dict.fromkeys(others, "?") | {"a.jpg": picture(WILD_SIZE), "notes.txt": "?"})
    assert [name[len(str(tmp_path)) + 1 :] for name in unused(find_photographs(tmp_path), [])] == [
        others[0], others[2], others[1]
    ]  # fmt: skip


def test_two_files_of_a_kind_are_refused(tmp_path):
    fill(tmp_path, {"a.jpg": b"", "Anno/list_bbox_celeba.txt": BOXES, "list_bbox_celeba.csv": "?"})
    with pytest.raises(ValueError, match=r"list_bbox_celeba\.\w+ and .*list_bbox.*keep one"):
        official(find_photographs(tmp_path), annotations.BOXES)


def test_a_list_is_found_by_its_path_or_as_the_only_one_of_its_name(tmp_path):
    fill(tmp_path, {"a.jpg": b"", "Anno/Identity_CelebA.txt": "", "x/t.txt": "", "y/t.txt": ""})
    photographs = find_photographs(tmp_path)
    assert named(photographs, "x/t.txt") == "x/t.txt"
    assert named(photographs, "identity_CelebA.txt") == "Anno/Identity_CelebA.txt"
    with pytest.raises(ValueError, match=r"t\.txt: no such file, but 2 in other folders"):
        named(photographs, "t.txt")
    with pytest.raises(FileNotFoundError, match=r"people\.txt: no such file, which params\.yaml"):
        named(photographs, "people.txt")


@pytest.mark.parametrize("number", ["nan", "1e30", "-inf"])
def test_invalid_positions_are_refused(tmp_path, number):
    text = f"000001.jpg 1 2 3 {number}\n"
    fill(tmp_path, {"000001.jpg": picture(WILD_SIZE), "list_bbox_celeba.txt": text})
    with pytest.raises(
        ValueError, match=r"list_bbox_celeba\.txt:1: not a position in a photograph"
    ):
        read_annotation(find_photographs(tmp_path), 10**6)


def test_one_row_for_photographs_in_two_folders_is_refused(tmp_path):
    files = {f"{folder}/000001.jpg": picture(WILD_SIZE) for folder in ("one", "two")}
    fill(tmp_path, files | {"list_bbox_celeba.txt": BOXES})
    with pytest.raises(ValueError, match=r":3: '000001.jpg' matches 'one/.* and 'two/"):
        read_annotation(find_photographs(tmp_path), 10**6)


def test_the_zip_of_windows_that_went_wrong(real_data, tmp_path):
    for file in ("celwinzip.zip", "list_landmarks_celeba.txt"):
        (tmp_path / file).write_bytes((real_data / "cases" / file).read_bytes())
    found = read_annotation(find_photographs(tmp_path), 10**7)
    assert sorted(found.points) == [f"img_celeba/{n:06}.jpg" for n in range(1, 13)]
