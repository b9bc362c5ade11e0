"""Attributes of faces: CelebA's file in all its forms, and those of drawn faces."""

import numpy as np
import pytest

from wnet.photographs.attributes import read_attributes
from wnet.photographs.folder import find_photographs

CELEBA = """3
Bald Male Young
000001.jpg -1  1  1
000002.jpg -1 -1  1
000003.jpg  1  1 -1
"""
DRAWN = """name,age,masculine,skin_tone,hat,glasses
1.jpg,39.5,0.75,0.125,,True
2.jpg,40.5,0.25,0.5,beanie,False
"""
NAMES = ["b/000003.jpg", "000004.jpg", "000001.jpg"]


def attributes(folder, text, file="list_attr_celeba.txt", names=NAMES):
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(text)
    return read_attributes(find_photographs(folder))


@pytest.mark.parametrize("file", ["list_attr_celeba.txt", "Anno/LIST_ATTR_CELEBA.csv"])
@pytest.mark.parametrize("head", ["3\nBald Male Young\n", "Bald Male Young\n"])
@pytest.mark.parametrize("no", ["-1", " 0"])
def test_celebas_file_is_read_in_all_its_forms(tmp_path, file, head, no):
    text = (head + CELEBA.partition("Young\n")[2]).replace("-1", no)
    if file.endswith("csv"):
        lines = [",".join(line.split()) for line in text.splitlines() if line != "3"]
        text = "\n".join(["image_id," + lines[0], *lines[1:]])
    read = attributes(tmp_path, text, file)
    found = read.of(NAMES)
    assert list(found) == ["Bald", "Male", "Young"]
    np.testing.assert_array_equal(found["Young"], [-1, np.nan, 1])
    np.testing.assert_array_equal(found["Bald"], [1, np.nan, -1])
    assert read.match.counts() == {"rows": 3, "matched": 2, "photographs": 3}


def test_a_damaged_line_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"list_attr_celeba\.txt:6: not a name and 3 numbers"):
        attributes(tmp_path, CELEBA + "000004.jpg 1 1\n")


def test_invalid_values_of_attributes_are_reported(tmp_path):
    with pytest.raises(ValueError, match=r"celeba\.txt:5: attributes of 'b/000003.jpg' must be"):
        attributes(tmp_path, CELEBA.replace("1  1 -1", "1  0 -1"))


def test_drawn_faces_have_the_attributes_they_were_drawn_with(tmp_path):
    names = ["1.jpg", "2.jpg", "3.jpg"]
    found = attributes(tmp_path, DRAWN, "faces.csv", names).of(names)
    assert {key: values.tolist()[:2] for key, values in found.items()} == {
        "Male": [1, -1], "Young": [1, -1], "Pale_Skin": [1, -1], "Eyeglasses": [1, -1],
        "Wearing_Hat": [-1, 1],
    }  # fmt: skip
    assert all(np.isnan(values[2]) for values in found.values())


@pytest.mark.parametrize("text", ["name,score\n1.jpg,3\n", "é;b\n1", ""])
def test_nothing_is_known_without_such_a_file_or_from_another_table(tmp_path, text):
    found = attributes(tmp_path, text, "faces.csv")
    assert (found.of(NAMES), found.match) == ({}, None)


def test_the_file_without_its_count_that_went_wrong(real_data, tmp_path):
    text = (real_data / "cases/list_attr_no_count_line.txt").read_text()
    names = [f"{number:06}.jpg" for number in range(1, 13)]
    found = attributes(tmp_path, text, names=names)
    assert list(found.titles) == ["5_o_Clock_Shadow", "Male", "Young"]
    assert found.of(names)["Young"].tolist() == [-1, 1] * 6
