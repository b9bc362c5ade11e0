"""Near copies against a hash by hand and a search by brute force."""

import io

import numpy as np
from PIL import Image

from wnet.data.near_copies import MOST, across, difference_hashes, joined, near_pairs


def by_hand(image):
    """The bits of one picture's signs, neighbour by neighbour."""
    side = len(image) // 16
    light = image.astype(int) @ (299, 587, 114)
    means = np.array([[light[y * side:][:side, x * side:][:, :side].sum() for x in range(16)]
                      for y in range(16)])  # fmt: skip
    right = [means[y, x + 1] > means[y, x] for y in range(16) for x in range(15)]
    below = [means[y + 1, x] > means[y, x] for y in range(15) for x in range(16)]
    return np.packbits(below + right).view(np.uint32)


def test_the_hash_is_that_by_hand(random):
    images = random.integers(0, 256, (3, 48, 48, 3), dtype=np.uint8)
    np.testing.assert_array_equal(difference_hashes(images), [by_hand(image) for image in images])
    large = np.full((1, 1024, 1024, 3), 255, np.uint8)
    assert not difference_hashes(large).any()


def test_pairs_are_those_of_a_search_by_brute_force(random, monkeypatch):
    monkeypatch.setattr("wnet.data.near_copies._TILE", 7)
    monkeypatch.setattr("wnet.data.near_copies._SOME", 2)
    signs = random.integers(0, 2, (30, 480), np.uint8)
    for row, changed in {
        3: range(75),
        11: range(MOST),
        16: range(0, 2 * MOST, 2),
        17: range(1, 2 * MOST + 2, 2),
        22: (),
        29: range(25),
    }.items():
        signs[row] = signs[5]
        signs[row, list(changed)] ^= 1
    hashes = np.packbits(signs, axis=1).view(np.uint32)
    for rows in (range(30), (5, 11), (29, 3, 16), (29,), ()):
        expected = {
            (min(i, j), max(i, j), int((signs[i] != signs[j]).sum()))
            for i in rows
            for j in range(30)
            if i != j and (signs[i] != signs[j]).sum() <= MOST
        }
        found = list(near_pairs(hashes, rows))
        assert all(i in rows for i, _, _ in found)
        assert {(min(i, j), max(i, j), differing) for i, j, differing in found} == expected
        assert len(found) == len(expected)
    assert expected == set()


def test_groups_are_joined_however_long_the_chain():
    groups = {name: name for name in "abcdefg"} | {"f": "a"}
    joint = joined(groups, [("d", "c"), ("b", "c"), ("e", "g"), ("g", "e")])
    assert len({joint[name] for name in "bcd"}) == 1
    assert joint["e"] == joint["g"]
    assert joint["f"] == joint["a"]
    assert len(set(joint.values())) == 3


def test_copies_of_drawn_faces_are_found_and_no_others(drawn_faces):
    faces = np.stack([face.image[:128, :128] for face in drawn_faces])
    file = io.BytesIO()
    Image.fromarray(faces[0]).save(file, "JPEG", quality=40)
    small = Image.fromarray(faces[1]).resize((48, 48)).resize((128, 128), Image.Resampling.BICUBIC)
    copies = np.stack([np.asarray(Image.open(file)), np.asarray(small)])
    names = [f"{number}" for number in range(8)] + ["compressed", "small"]
    subset_of = dict.fromkeys(names[:8], "train") | {"compressed": "test", "small": "validation"}
    found = across(names, difference_hashes(np.concatenate([faces, copies])), subset_of)
    assert [row[:4] for row in found] == [
        ("0", "train", "compressed", "test"),
        ("1", "train", "small", "validation"),
    ]


def test_different_real_faces_are_not_near_copies(real_data):
    paths = sorted((real_data / "celeba_dic/HR").rglob("*.*"))
    faces = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
    assert not list(near_pairs(difference_hashes(np.stack(faces)), range(len(faces))))
