"""`wnet demo`: the answers of its page; test_demo_browser.py tests the page itself."""

import io
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from pipeline.commands.cli import main
from pipeline.commands.demo_page import answer
from wnet.data.resize import bicubic


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    pass


def encoded(image) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def test_without_gradio_it_says_what_to_install(model, monkeypatch):
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


def test_a_face_that_is_left_to_bicubic_is_named(model, drawn_faces):
    made = answer(encoded(drawn_faces[0].image), "a.png", model, 40)
    np.testing.assert_array_equal(made.enlarged, made.smooth)
    assert "more than 64 px, is left as bicubic makes it" in made.said
    made = answer(encoded(np.zeros((90, 90, 3), np.uint8)), "a.png", model, 40)
    assert "No face found" in made.said
    assert made.enlarged.shape == (360, 360, 3)


def test_what_is_refused_is_said_in_words_that_are_no_markup(model):
    made = answer(b"no photograph", "<b>*odd*</b>.png", model, 40)
    assert made.enlarged is None
    assert "not an image in a known format" in made.said
    assert "<b>" not in made.said
    assert "*odd*" not in made.said
    made = answer(encoded(np.zeros((2000, 2000, 3), np.uint8)), "a.png", model, 40)
    assert "would have 8000 x 8000 pixels" in made.said.replace("&#45;", "-")
    assert made.enlarged is None
