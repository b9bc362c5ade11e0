"""`wnet demo`: the answers of its page; test_demo_browser.py tests the page itself."""

import io
import json
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from pipeline.commands.cli import main
from pipeline.commands.demo_page import answer
from pipeline.commands.enlarging import load_enlarger
from pipeline.harness.record import MADE_BY
from wnet.data.resize import bicubic


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    pass


def encoded(image, orientation: int = 1) -> bytes:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(image)).save(file, "PNG", exif=exif)
    return file.getvalue()


def as_stored(photo, orientation: int):
    """The pixels in a file of this orientation, by where its row 0 and column 0 are (Exif 2.3)."""
    across = photo.swapaxes(0, 1)
    return {
        1: photo,
        2: photo[:, ::-1],  # top, right
        3: photo[::-1, ::-1],  # bottom, right
        4: photo[::-1],  # bottom, left
        5: across,  # left, top
        6: across[::-1],  # right, top
        7: across[::-1, ::-1],  # right, bottom
        8: across[:, ::-1],  # left, bottom
    }[orientation]


def test_without_gradio_the_message_says_what_to_install(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    result = CliRunner().invoke(main, ["demo"])
    assert result.exit_code == 1
    assert "pip install '.[demo]'" in result.output
    assert "Traceback" not in result.output


def test_without_a_network_it_says_so(project):
    result = CliRunner().invoke(main, ["demo"])
    assert result.exit_code == 1
    assert "0 networks in models/" in result.output


def test_a_photograph_is_answered_as_wnet_upscale_enlarges_it(model, drawn_faces):
    photo = np.asarray(Image.fromarray(drawn_faces[0].image).resize((80, 80)))
    Image.fromarray(photo).save("a.png")
    made = answer(encoded(photo), "a.png", model, 40)
    assert CliRunner().invoke(main, ["upscale", "a.png", "-o", "out"]).exit_code == 0
    np.testing.assert_array_equal(made.enlarged, np.asarray(Image.open("out/a.png")))
    np.testing.assert_array_equal(made.smooth, bicubic(photo[None], 320, 320)[0])
    assert (made.enlarged != made.smooth).any()
    assert (made.found != photo).any(axis=2).any()
    assert "80 x 80 to 320 x 320 px. 1 face found." in made.said


@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_photograph_is_answered_as_its_exif_turns_it(model, drawn_faces, orientation):
    photo = np.asarray(Image.fromarray(drawn_faces[0].image).resize((80, 80)))[:, :72]
    wanted = answer(encoded(photo), "a.png", model, 40)
    made = answer(encoded(as_stored(photo, orientation), orientation), "a.png", model, 40)
    np.testing.assert_array_equal(made.enlarged, wanted.enlarged)
    np.testing.assert_array_equal(made.smooth, wanted.smooth)
    np.testing.assert_array_equal(made.found, wanted.found)
    assert "72 x 80 to 288 x 320 px. 1 face found." in made.said


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_face_is_enlarged_and_boxed_where_it_is(model, drawn_faces, turn):
    """A rotated picture gives the upright one's result, rotated."""
    record = json.loads((model / MADE_BY).read_text())
    record["faces"]["turns"] = [90, 180, 270]
    (model / MADE_BY).write_text(json.dumps(record))
    load_enlarger.cache_clear()  # as in a new process
    photo = np.full((100, 120, 3), 90, np.uint8)
    photo[10:82, 30:102] = bicubic(drawn_faces[0].image[None], 72, 72)[0]
    wanted = answer(encoded(photo), "a.png", model, 40)
    made = answer(encoded(np.rot90(photo, -turn // 90)), "a.png", model, 40)
    assert "1 face found" in made.said
    back = np.rot90(made.enlarged, turn // 90).astype(int)
    assert np.abs(back - wanted.enlarged).max() <= 2  # bicubic rounds between rows and columns
    assert (made.enlarged != made.smooth).any()
    np.testing.assert_array_equal(np.rot90(made.found, turn // 90), wanted.found)


def test_a_face_enlarged_by_bicubic_is_reported(model, drawn_faces):
    made = answer(encoded(drawn_faces[0].image), "a.png", model, 40)
    np.testing.assert_array_equal(made.enlarged, made.smooth)
    assert "more than 64 px, is enlarged by bicubic" in made.said
    made = answer(encoded(np.zeros((90, 90, 3), np.uint8)), "a.png", model, 40)
    assert "No face found" in made.said
    assert made.enlarged.shape == (360, 360, 3)


def test_a_refusal_escapes_markup(model):
    made = answer(b"no photograph", "<b>*odd*</b>.png", model, 40)
    assert made.enlarged is None
    assert "not an image in a known format" in made.said
    assert "<b>" not in made.said
    assert "*odd*" not in made.said
    made = answer(encoded(np.zeros((2000, 2000, 3), np.uint8)), "a.png", model, 40)
    assert "would have 8000 x 8000 pixels" in made.said.replace("&#45;", "-")
    assert made.enlarged is None
