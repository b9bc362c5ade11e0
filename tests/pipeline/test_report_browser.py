"""The page in a real headless Chromium: user actions, and their visible effects."""

import json
from pathlib import Path

import pytest
from axe import violations
from click.testing import CliRunner
from evaluation_inputs import RUN, put_all
from headless import all_of, chromium_with, one, press, show
from selenium.webdriver import Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.select import Select
from small_project import ROOT
from waiting import until

from pipeline.report import main
from wnet.figures.theme import DARK, LIGHT

# Text whose contrast to the colours behind it is under 4.5 (WCAG 2.2, AA), with that contrast.
PALE = (ROOT / "tests/pale_text.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """The browser with the page of an evaluation to open, from a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        put_all({"faces": 2, "magnify": 2, "browse": 2, "rejected": 1})
        made = CliRunner().invoke(main, [*RUN, "out"])
        assert made.exit_code == 0, made.output
        address = Path("out/index.html").resolve().as_uri()
    with chromium_with(address, tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def page(chromium):
    """The page as it is after loading, on a laptop."""
    show(chromium, 1280, 800)
    return chromium


def split(driver):
    """The position of the slider, in % of the width, by the clipping of the left picture."""
    left = one(driver, "#viewer .layer.left").value_of_css_property("clip-path")
    return round(100 - float(left.split()[1].removeprefix("calc(").split("%")[0]), 3)


def loaded(driver):
    """Whether all visible pictures are loaded."""
    return driver.execute_script(
        "return [...document.images].filter(i => i.checkVisibility() && i.loading != 'lazy')"
        ".every(i => i.complete && i.naturalWidth > 0)"
    )


def test_the_page_loads_from_a_file_without_errors_and_without_a_network(page):
    until(lambda: loaded(page))
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"].endswith("WillBeSent")]
    assert any(address.endswith("-network.png") for address in asked)
    own = ("file:", "data:", "chrome:")  # the last requests are those of the browser's first tab
    assert [address for address in asked if not address.startswith(own)] == []
    assert page.get_log("browser") == []


def test_the_slider_works_by_keys_mouse_and_touch(page):
    slider, stage = one(page, "#viewer [name=split]"), one(page, "#viewer .stage")
    page.execute_script("arguments[0].focus()", slider)
    assert split(page) == 50
    press(page, *[Keys.ARROW_RIGHT] * 5)
    assert split(page) == 55
    assert slider.get_attribute("aria-valuetext") == "55 % Bicubic, 45 % W-Net"
    press(page, Keys.HOME)
    assert split(page) == 0
    width = stage.size["width"]
    ActionChains(page).move_to_element_with_offset(stage, width // 4, 0).click().perform()
    until(lambda: split(page) == pytest.approx(75, abs=2), lambda: split(page))
    box = page.execute_script("return arguments[0].getBoundingClientRect().toJSON()", stage)
    for kind, share in (("touchStart", 0.75), ("touchMove", 0.6), ("touchMove", 0.3)):
        place = {"x": box["x"] + share * box["width"], "y": box["y"] + box["height"] / 2}
        page.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    page.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    until(lambda: split(page) == pytest.approx(30, abs=2), lambda: split(page))


@pytest.mark.parametrize(
    ("width", "columns", "side"), [(1440, 4, 256), (1024, 3, 256), (390, 2, 170)]
)
def test_the_first_screen_has_the_four_pictures_and_a_slider_between_two(
    chromium, width, columns, side
):
    show(chromium, width, 900, mobile=width < 500)
    pictures = [p for p in all_of(chromium, ".four > div") if p.is_displayed()]
    assert len(pictures) == (4 if width == 1440 else 3)
    assert len({picture.location["x"] for picture in pictures}) == columns
    assert all(picture.size["width"] >= side for picture in pictures)
    rendering = [one(p, "img").value_of_css_property("image-rendering") for p in pictures]
    assert sorted(rendering) == ["auto"] * (len(pictures) - 1) + ["pixelated"]
    network = one(chromium, ".four .network")
    assert network.size["width"] >= 256
    slider = one(network, "[name=split]")
    # beside bicubic interpolation's own picture the network's is whole at first
    assert slider.get_attribute("value") == ("0" if width == 1440 else "50")
    chromium.execute_script("arguments[0].focus()", slider)
    press(chromium, Keys.END)
    assert slider.get_attribute("aria-valuetext") == "100 % Bicubic, 0 % W-Net"
    left = one(network, ".layer.left").value_of_css_property("clip-path")
    assert left in ("inset(0px calc(0%) 0px 0px)", "inset(0px 0% 0px 0px)", "inset(0px)")


def test_switches_show_maps_and_landmarks_over_the_pictures(page):
    for name, part in (("landmarks", "svg"), ("parsing", ".map.parsing"), ("skin", ".map.skin")):
        switch = one(page, f"[name={name}]")
        layers = all_of(page, f".layer {part}")
        assert len(layers) == 2
        assert not any(layer.is_displayed() for layer in layers)
        switch.click()
        assert all(layer.is_displayed() for layer in layers)
        press(page, Keys.SPACE)
        assert not any(layer.is_displayed() for layer in layers)
    one(page, "[name=landmarks]").click()
    assert one(page, ".side.left").text == "Bicubic, no face found"
    all_of(page, ".faces label")[1].click()
    assert one(page, ".side.left").text == "Bicubic"
    assert len(all_of(page, ".layer.right circle")) == len(all_of(page, ".layer.right line")) == 68
    one(page, "[name=parsing]").click()
    assert one(page, ".legend").is_displayed()
    picture = one(page, ".layer.right .picture")
    assert picture.value_of_css_property("image-rendering") == "auto"
    Select(one(page, "[name=right]")).select_by_visible_text("Input")  # which is always squares
    assert picture.value_of_css_property("image-rendering") == "pixelated"
    Select(one(page, "[name=right]")).select_by_visible_text("W-Net")
    one(page, "[name=sharp]").click()
    assert picture.value_of_css_property("image-rendering") == "pixelated"


def test_faces_are_chosen_by_score_and_with_the_arrow_keys(page):
    def told():
        cells = all_of(page, ".viewer tbody tr:first-child td")
        return one(page, ".viewer .name").text, cells[1].text, cells[2].text

    assert told() == ("c/ü.jpg", "32.00", "1 of 4")
    before = one(page, ".layer.right .picture").get_attribute("src")
    page.execute_script("document.querySelector('[name=face]').focus()")
    press(page, Keys.ARROW_RIGHT)
    assert told() == ("<b>&amp;.jpg", "23.75", "2 of 4")
    assert one(page, ".layer.right .picture").get_attribute("src") != before
    page.execute_script("document.querySelector('#order').focus()")
    press(page, Keys.ARROW_DOWN)
    assert Select(one(page, "#order")).first_selected_option.text == "best"
    all_of(page, ".faces label")[1].click()
    assert told() == ("<b>&amp;.jpg", "23.75", "2 of 4")
    Select(one(page, "#order")).select_by_visible_text("worst")
    assert told() == ("a.jpg", "20.75", "4 of 4")
    Select(one(page, "#score")).select_by_value("landmark_distance")
    assert told()[0] == "e.jpg"
    Select(one(page, "[name=left]")).select_by_visible_text("Original")
    assert one(page, ".side.left").text == "Original"
    assert one(page, ".layer.left .picture").get_attribute("src").endswith("-original.png")
    assert one(page, ".layer.left .picture").get_attribute("alt") == "Left: e.jpg, Original"


@pytest.mark.parametrize(("scheme", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_text_has_contrast_and_nothing_overflows_on_laptop_and_phone(chromium, scheme, theme):
    for width, mobile in ((1280, False), (390, True)):
        show(chromium, width, 844, mobile, scheme)
        chromium.execute_script("for (const d of document.querySelectorAll('details')) d.open = 1")
        one(chromium, "[name=parsing]").click()
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert chromium.execute_script(wide) == 0
        assert chromium.execute_script("return document.documentElement.clientWidth") <= width
        page = chromium.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert page == f"rgb{tuple(bytes.fromhex(theme.page[1:]))}"
        assert chromium.execute_script(PALE) == []
        for link in all_of(chromium, ".contents a"):
            assert link.size["height"] >= 24  # WCAG 2.2, AA: target size
        assert violations(chromium) == []


def test_every_control_has_a_name_and_shows_the_focus(page):
    controls = all_of(page, "input, select, a, summary, [tabindex='0']")
    nameless = [c.get_attribute("outerHTML") for c in controls if not c.accessible_name.strip()]
    assert nameless == []
    assert {control.aria_role for control in controls} >= {"slider", "radio", "checkbox"}
    assert all(image.get_attribute("alt") for image in all_of(page, ".picture, .faces img"))
    page.execute_script("document.querySelector('#score').focus()")
    for selector in (".faces label", "#viewer .stage", "[name=left]"):
        press(page, Keys.TAB)
        styles = [one.value_of_css_property("outline-style") for one in all_of(page, selector)]
        assert styles[0] == "solid", selector


def test_without_javascript_the_page_still_shows_its_faces(chromium):
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(chromium, 1280, 800)
        assert not one(chromium, "#viewer").is_displayed()
        assert not one(chromium, "#first [name=split]").is_displayed()
        assert all(image.is_displayed() for image in all_of(chromium, ".four > div > img"))
        assert one(chromium, ".plate img").is_displayed()
        assert one(chromium, "noscript p").is_displayed()
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
