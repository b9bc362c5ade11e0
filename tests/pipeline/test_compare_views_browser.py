"""Views of faces on the page of a comparison other than pictures: errors, maps, gains, parts."""

import numpy as np
import pytest
from comparison_browser import PIXEL, at, choose, rows, rows_of_all
from comparison_inputs import FACES, GAIN, MALE, NAMES, NOISE, STRONG
from headless import all_of, one, press
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from waiting import until


def test_errors_are_on_one_scale(page):
    name = one(page, ".viewer .name").text
    choose(page, "show", "error")
    original = page.pictures["hr"][NAMES.index(name)].astype(int)
    ramp = np.array([[0, 0, 0], [123, 29, 107], [232, 96, 44], [252, 245, 160]])
    for key in (STRONG, "noise"):
        choose(page, "right", key)
        error = np.abs(page.pictures[key][NAMES.index(name)].astype(int) - original).mean(axis=2)
        place = min(error[9, 7] / 64, 1) * 3
        expected = [np.interp(place, range(4), ramp[:, band]) for band in range(3)]
        picture = one(page, ".layer.right .picture")
        until(lambda image=picture: image.get_attribute("src").startswith("data:image/png"))
        until(
            lambda image=picture, colour=expected: np.allclose(
                page.execute_script(PIXEL, image)[:3], colour, atol=1
            )
        )
    assert one(page, ".scale").is_displayed()
    choose(page, "right", "original")  # has no error of its own
    assert one(page, ".layer.right .picture").get_attribute("src").startswith("data:image/webp")


def test_skin_maps_are_those_of_the_networks_that_estimate_them_and_the_true_ones(page):
    rows_of_all(page)
    choose(page, "show", "maps")
    assert one(page, ".maps").is_displayed()
    for row in all_of(page, ".figure4 tbody tr"):
        place = NAMES.index(one(row, ".under").text)
        for key, pictures in ((STRONG, "parsing"), ("original", "skin"), (NOISE, NOISE)):
            image = one(row, f"[data-key='{key}'] img")
            until(lambda image=image: image.get_property("complete"))
            expected = page.pictures[pictures][place, 9, 7]
            assert page.execute_script(PIXEL, image)[:3] == np.broadcast_to(expected, 3).tolist()
    choose(page, "right", STRONG)
    side = page.execute_script("return arguments[0].naturalWidth", one(page, ".layer.right img"))
    assert side == 16
    assert at(page)["show"] == "maps"


def test_faces_are_filtered_by_their_attributes(page):
    everyone = rows_of_all(page)
    for only, wanted in (("Male", 1), ("-Male", -1)):
        choose(page, "only", only)
        assert rows(page) == [name for name in everyone if MALE.get(name) == wanted]
        assert rows(page)
        assert one(page, ".viewer .name").text in rows(page)
    assert at(page)["only"] == "-Male"
    one(page, "[name=next]").click()
    assert one(page, ".viewer .name").text in rows(page)
    choose(page, "only", "")
    assert rows(page) == everyone  # those that the annotation does not list are only here


def test_bars_of_gains_have_a_boundary_at_zero(page):
    choose(page, "left", NOISE)
    choose(page, "right", STRONG)
    gain = GAIN[STRONG] - GAIN[NOISE]
    caption = one(page, ".gains figcaption").text
    better, worse = (gain > 0).sum(), (gain < 0).sum()
    assert caption == (
        f"Gains of W-Net over SRCNN noise in PSNR (dic), dB: {better} faces gain, {worse} lose"
    )
    bars = all_of(page, ".gains rect")
    heights = [float(bar.get_attribute("height")) for bar in bars]
    assert max(heights) == 30
    assert sum(heights) / 30 == pytest.approx(FACES / most(gain), rel=1e-3)
    assert {bar.get_attribute("class") for bar in bars} <= {"better", "worse"}
    choose(page, "right", "bicubic")  # no difference is seen, so none has a colour
    assert {bar.get_attribute("class") for bar in all_of(page, ".gains rect")} == {"equal"}
    choose(page, "right", "original")
    assert not one(page, ".gains").is_displayed()


def most(gain, bars=20):
    """The number of faces in the highest of bars of equal width, one of which begins at 0."""
    width = (max(gain.max(), 0) - min(gain.min(), 0)) / bars
    return np.unique(np.floor(gain / width), return_counts=True)[1].max()


def test_a_part_of_the_face_is_enlarged_everywhere_at_once(page):
    choose(page, "zoom", "1,0")  # the upper right quarter
    boxes = page.execute_script(
        "const chosen = '.figure4 tbody tr:first-child img, .layer .picture';"
        "return [...document.querySelectorAll(chosen)]"
        ".map(i => [i, i.closest('a, .layer')].map(e => e.getBoundingClientRect().toJSON()))"
    )
    assert len(boxes) == 6 + 2
    for picture, frame in boxes:
        assert picture["width"] == pytest.approx(2 * frame["width"], rel=0.01)
        assert picture["right"] == pytest.approx(frame["right"], abs=1)
        assert picture["top"] == pytest.approx(frame["top"], abs=1)
    name = next(name for name in rows_of_all(page) if name != NAMES[3])  # which has no landmarks
    page.execute_script(
        "location.hash = new URLSearchParams({face: arguments[0], zoom: 'mouth'})", name
    )
    until(lambda: one(page, ".viewer .name").text == name)
    assert at(page)["zoom"] == "mouth"
    zoom = "return Number(document.querySelector('.stage').style.getPropertyValue('--zoom'))"
    assert page.execute_script(zoom) >= 1
    choose(page, "zoom", "eyes")
    eyes = np.round(page.pictures["points"][NAMES.index(name), 36:48].astype(float), 1)
    expected = 64 / (1.35 * np.ptp(eyes, axis=0).max())
    assert page.execute_script(zoom) == pytest.approx(expected, rel=1e-6)
    choose(page, "zoom", "whole")
    assert page.execute_script(zoom) == 1


def test_landmarks_of_each_picture_have_lines_to_those_of_the_original(page):
    choose(page, "right", STRONG)
    choose(page, "left", "original")
    one(page, "[name=landmarks]").click()
    marks = [len(all_of(page, f".layer.{side} {mark}")) for side in ("left", "right")
             for mark in ("circle", "line")]  # fmt: skip
    assert marks == [68, 0, 68, 68]


SEEN = """
return [...document.querySelectorAll('.figure4 tbody tr, .stage')].map(element =>
    ['--zoom', '--x', '--y'].map(key => parseFloat(element.style.getPropertyValue(key))));
"""

PINCH = """
const frame = document.querySelector('.figure4 a'), box = frame.getBoundingClientRect();
const fingers = (apart) => [-apart, apart].map((across, identifier) => new Touch({
    identifier, target: frame,
    clientX: box.x + box.width / 2 + across, clientY: box.y + box.height / 2}));
const touch = (kind, apart) => frame.dispatchEvent(new TouchEvent(kind,
    {touches: fingers(apart), bubbles: true, cancelable: true}));
touch('touchstart', 10);
const done = touch('touchmove', 20);
return [done, Number(document.querySelector('.stage').style.getPropertyValue('--zoom'))];
"""


def test_any_square_is_enlarged_by_keys_wheel_and_two_fingers_in_all_pictures(page):
    page.execute_script("arguments[0].focus()", one(page, "[name=split]"))
    press(page, "+", "+")
    zoom = 1.25**2
    seen = page.execute_script(SEEN)
    assert len(seen) == 6 + 1
    assert np.allclose(seen, [zoom, *[-100 * (1 - 1 / zoom) / 2] * 2], atol=0.02)
    ActionChains(page).key_down(Keys.SHIFT).send_keys(*[Keys.ARROW_RIGHT] * 9).key_up(
        Keys.SHIFT
    ).perform()  # to the right edge, and no further
    assert np.allclose(page.execute_script(SEEN)[0][1], -100 * (1 - 1 / zoom), atol=0.02)
    assert one(page, "[name=split]").get_attribute("value") == "50"
    kept = at(page)["zoom"]
    assert kept == f"{1 - 1 / zoom:.4f},{(1 - 1 / zoom) / 2:.4f},{1 / zoom:.4f}"
    page.refresh()
    assert at(page)["zoom"] == kept
    assert np.allclose(page.execute_script(SEEN)[0][0], zoom, atol=0.001)
    page.execute_script("arguments[0].focus()", one(page, "[name=next]"))
    press(page, "0")
    assert at(page)["zoom"] == "whole"
    assert page.execute_script(SEEN) == [[1, 0, 0]] * 7
    wheel = (
        "const frame = document.querySelector('.stage'), box = frame.getBoundingClientRect();"
        "return frame.dispatchEvent(new WheelEvent('wheel', {deltaY: -500, ctrlKey: arguments[0],"
        " bubbles: true, cancelable: true, clientX: box.right, clientY: box.top}))"
    )
    assert page.execute_script(wheel, False)  # the page scrolls
    assert page.execute_script(SEEN) == [[1, 0, 0]] * 7
    assert not page.execute_script(wheel, True)
    size = np.exp(-2)  # the upper right corner stays where it is
    assert np.allclose(page.execute_script(SEEN), [1 / size, -100 * (1 - size), 0], atol=0.5)
    press(page, "0")
    assert page.execute_script(PINCH) == [False, 2.0]
    assert at(page)["zoom"] == "0.2500,0.2500,0.5000"
