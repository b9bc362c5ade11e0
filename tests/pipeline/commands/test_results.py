"""Result files of `wnet upscale`: marked, so that they are not used as photographs."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.commands.results import Form, write_results
from wnet.photographs.folder import find_photographs, head_of
from wnet.photographs.images import UnreadableImage, decode
from wnet.photographs.passed_over import MADE_HERE


def written(folder, picture, form):
    write_results(folder / "made", Form("", form, 90), [picture], None, [])
    return folder / f"made.{form}"


@pytest.mark.parametrize("form", ["png", "jpg", "webp"])
@pytest.mark.parametrize("shape", [(30, 41, 3), (200, 100, 3)], ids=["odd", "larger"])
def test_every_format_is_marked_near_its_beginning(tmp_path, random, form, shape):
    picture = random.integers(0, 256, shape, np.uint8)
    path = written(tmp_path, picture, form)
    assert MADE_HERE in head_of(path)
    Image.fromarray(picture).save(tmp_path / f"own.{form}")
    found = find_photographs(tmp_path)
    assert found.names == (f"own.{form}",)
    assert found.passed_over == 1


def test_a_webp_is_whole_for_every_reader(tmp_path, random):
    picture = cv2.GaussianBlur(random.integers(0, 256, (90, 121, 3), np.uint8), (0, 0), 3)
    data = written(tmp_path, picture, "webp").read_bytes()
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", quality=90)
    plain = np.asarray(Image.open(file).convert("RGB"))
    np.testing.assert_array_equal(decode(data, 10**6), plain)
    by_opencv = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    np.testing.assert_array_equal(by_opencv, plain)
    with Image.open(io.BytesIO(data)) as image:
        assert image.getexif()[0x0131] == MADE_HERE.decode()
    assert int.from_bytes(data[4:8], "little") == len(data) - 8


def test_a_side_that_the_format_does_not_allow_is_refused_by_name(tmp_path):
    picture = np.zeros((2, 16_384, 3), np.uint8)
    with pytest.raises(UnreadableImage, match=r"16,384 px, and webp allows 16,383 at most"):
        written(tmp_path, picture, "webp")
    assert list(tmp_path.iterdir()) == []
    assert Image.open(written(tmp_path, picture, "jpg")).size == (16_384, 2)
