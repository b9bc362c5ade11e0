"""Attributes of faces: CelebA's file in its published form, and what is known of drawn faces."""

import numpy as np
import pytest

from wnet.photographs.attributes import read_attributes

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


def test_celebas_file_is_read_by_file_names(tmp_path):
    (tmp_path / "list_attr_celeba.txt").write_text(CELEBA)
    found = read_attributes(tmp_path, ["b/000003.jpg", "000004.jpg", "000001.jpg"])
    assert list(found) == ["Bald", "Male", "Young"]
    np.testing.assert_array_equal(found["Young"], [-1, np.nan, 1])
    np.testing.assert_array_equal(found["Bald"], [1, np.nan, -1])


def test_a_damaged_line_is_named(tmp_path):
    (tmp_path / "list_attr_celeba.txt").write_text(CELEBA + "000004.jpg 1 1\n")
    with pytest.raises(ValueError, match=r"list_attr_celeba\.txt:6: not a name and 3 numbers"):
        read_attributes(tmp_path, ["000001.jpg"])


def test_drawn_faces_have_the_attributes_they_were_drawn_with(tmp_path):
    (tmp_path / "faces.csv").write_text(DRAWN)
    found = read_attributes(tmp_path, ["1.jpg", "2.jpg", "3.jpg"])
    assert {key: values.tolist()[:2] for key, values in found.items()} == {
        "Male": [1, -1], "Young": [1, -1], "Pale_Skin": [1, -1], "Eyeglasses": [1, -1],
        "Wearing_Hat": [-1, 1],
    }  # fmt: skip
    assert all(np.isnan(values[2]) for values in found.values())


def test_nothing_is_known_without_such_a_file_or_from_another_table(tmp_path):
    assert read_attributes(tmp_path, ["1.jpg"]) == {}
    (tmp_path / "faces.csv").write_text("name,score\n1.jpg,3\n")
    assert read_attributes(tmp_path, ["1.jpg"]) == {}
