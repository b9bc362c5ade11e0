"""The page of a comparison in a real headless Chromium: sort, search, order, slide, share."""

import json
import re

import pytest
from axe import violations
from comparison_browser import PIXEL, at, choose, rows, rows_of_all
from comparison_inputs import BICUBIC, GAIN, NAMES, STRONG
from headless import all_of, one, press, show
from selenium.webdriver import Keys
from selenium.webdriver.support.select import Select
from small_project import ROOT
from waiting import until

from wnet.figures.theme import DARK, LIGHT

# Text whose contrast to the colours behind it is under 4.5 (WCAG 2.2, AA), with that contrast.
PALE = (ROOT / "tests/pale_text.js").read_text(encoding="utf-8")
# For each row of the figure: the name, and by method the text below the picture and the frame.
FIGURE = """
return [...document.querySelectorAll('.figure4 tbody tr')].map(row => [
  row.querySelector('.under').textContent,
  Object.fromEntries([...row.querySelectorAll('.scored')].map(cell => [
    cell.dataset.key,
    [cell.querySelector('.under').textContent, cell.classList.contains('best')],
  ])),
]);
"""


def test_it_loads_from_a_file_without_errors_and_asks_for_nothing_else(page):
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = {e["params"]["request"]["url"] for e in events if e["method"].endswith("WillBeSent")}
    files = {address for address in asked if not address.startswith(("data:", "chrome:", "about:"))}
    assert {address.partition("#")[0] for address in files} <= {page.address}
    assert page.get_log("browser") == []


def test_a_heading_sorts_the_table_and_sorts_back(page):
    def titles():
        return [cell.text.split("\n")[0] for cell in all_of(page, ".sortable tbody th")]

    heads = all_of(page, ".sortable thead button")
    heads[3].click()  # PSNR: the best first
    assert titles()[0] == "W-Net"
    assert all_of(page, ".sortable thead th")[3].get_attribute("aria-sort") == "descending"
    heads[3].click()
    assert titles()[-1] == "W-Net"
    heads[4].click()  # the landmark distance: the smallest first
    assert titles()[0] == "W-Net"
    heads[1].send_keys(Keys.ENTER)  # parameters
    assert titles()[:2] == ["Bicubic", "SRCNN noise"]
    heads[2].click()  # operations
    assert titles() == ["Bicubic", "W-Net", "SRCNN one", "SRCNN noise"]
    heads[0].click()
    assert titles() == sorted(titles())


def test_faces_are_ordered_by_score_and_by_gain(page):
    order = dict(zip(NAMES, BICUBIC + GAIN[STRONG], strict=True))
    gain = dict(zip(NAMES, GAIN[STRONG], strict=True))
    choose(page, "right", STRONG)
    choose(page, "left", "bicubic")
    choose(page, "rows", "all")
    for asked, by, descending in (
        ("best", order, True), ("worst", order, False), ("gain", gain, True), ("loss", gain, False)
    ):  # fmt: skip
        choose(page, "order", asked)
        shown = rows(page)
        assert shown == sorted(shown, key=by.get, reverse=descending), asked
    choose(page, "rows", "6")
    assert len(rows(page)) == 6
    choose(page, "order", "spread")
    spread = rows(page)
    assert spread == sorted(spread, key=order.get, reverse=True)
    assert len(set(spread)) == 6


def test_scores_are_below_the_pictures_and_the_best_is_framed(page):
    choose(page, "rows", "all")
    for name, cells in page.execute_script(FIGURE):
        expected = (BICUBIC + GAIN[STRONG])[NAMES.index(name)]
        assert cells[STRONG][0] == f"{expected:.2f}"
        best = {key for key, (_, framed) in cells.items() if framed}
        assert best == {max(cells, key=lambda key, of=cells: float(of[key][0]))}
    squares = one(page, ".figure4 .squares").value_of_css_property("image-rendering")
    smooth = one(page, ".figure4 .scored img").value_of_css_property("image-rendering")
    assert (squares, smooth) == ("pixelated", "auto")


def test_the_slider_compares_any_two_and_shows_the_verdict(page):
    choose(page, "left", "noise")
    choose(page, "right", "bicubic")
    told = one(page, ".told").text
    assert "Bicubic against SRCNN noise in PSNR (dic), over all faces: no difference seen." in told
    assert re.search(r"better on \d+ of 40 faces", told)
    choose(page, "right", STRONG)
    assert "W-Net against SRCNN noise" in one(page, ".told").text
    assert one(page, ".told strong").get_attribute("class") == "better"
    slider = one(page, "[name=split]")
    page.execute_script("arguments[0].focus()", slider)
    press(page, *[Keys.ARROW_RIGHT] * 5)
    assert slider.get_attribute("aria-valuetext") == "55 % SRCNN noise, 45 % W-Net"
    assert one(page, ".side.left").text == "SRCNN noise"
    place = NAMES.index(one(page, ".viewer .name").text)
    for side, key in (("left", "noise"), ("right", STRONG)):
        picture = one(page, f".layer.{side} .picture")
        assert page.execute_script(PIXEL, picture)[:3] == page.pictures[key][place, 9, 7].tolist()
    cells = [cell.text for cell in all_of(page, ".face tbody tr:first-child td")]
    left, right = ((BICUBIC + GAIN[name])[place] for name in ("noise", STRONG))
    assert cells[:2] == [f"{left:.2f}", f"{right:.2f}"]
    assert float(cells[2].replace("−", "-")) == pytest.approx(right - left, abs=0.006)


def test_the_address_is_that_of_the_face_and_leads_back_to_it(page):
    choose(page, "order", "worst")
    choose(page, "right", "bicubic")
    choose(page, "left", "original")
    links = all_of(page, f".figure4 tbody tr:nth-child(2) [data-key='{STRONG}'] a")
    links[0].click()
    face = one(page, ".viewer .name").text
    assert face == rows(page)[1]
    said = at(page)
    assert (said["face"], said["right"], said["left"]) == (face, STRONG, "original")
    one(page, "[name=next]").click()
    following = one(page, ".viewer .name").text
    assert following == rows(page)[2] == at(page)["face"]
    address = page.current_url
    page.get("about:blank")
    page.get(address)
    assert one(page, ".viewer .name").text == following
    assert Select(one(page, "[name=order]")).first_selected_option.get_attribute("value") == "worst"
    one(page, "[name=previous]").click()
    assert one(page, ".viewer .name").text == face
    strange = NAMES[-1]  # <b>&amp;ü.jpg
    page.execute_script("location.hash = new URLSearchParams({face: arguments[0]})", strange)
    wanted = strange if strange in rows_of_all(page) else face
    until(lambda: one(page, ".viewer .name").text == wanted)


def test_faces_are_found_by_a_part_of_their_name(page):
    everyone = rows_of_all(page)
    wanted = everyone[3]
    one(page, "[name=name]").send_keys(wanted[:-2].upper())
    assert rows(page) == [wanted]
    assert one(page, ".viewer .name").text == wanted
    one(page, "[name=name]").clear()
    one(page, "[name=name]").send_keys("nobody")
    assert rows(page) == []


def test_one_matrix_is_shown_at_a_time(page):
    assert [panel.is_displayed() for panel in all_of(page, ".matrix")] == [True, False, False]
    Select(one(page, "#matrix")).select_by_index(1)
    assert [panel.is_displayed() for panel in all_of(page, ".matrix")] == [False, True, False]


@pytest.mark.parametrize(("scheme", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_text_has_contrast_and_nothing_overflows_on_laptop_and_phone(chromium, scheme, theme):
    for width, mobile in ((1280, False), (390, True)):
        chromium.get("about:blank")
        show(chromium, width, 844, mobile, scheme)
        choose(chromium, "show", "error")
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert chromium.execute_script(wide) == 0
        page = chromium.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert page == f"rgb{tuple(bytes.fromhex(theme.page[1:]))}"
        assert chromium.execute_script(PALE) == []
        for link in all_of(chromium, ".contents a"):
            assert link.size["height"] >= 24  # WCAG 2.2, AA: target size
        assert violations(chromium) == []


def test_every_control_has_a_name(page):
    controls = all_of(page, "input, select, button, .viewer a, [tabindex='0']")
    seen = [control for control in controls if control.is_displayed()]
    assert len(seen) > 20
    assert [c.get_attribute("outerHTML") for c in seen if not c.accessible_name.strip()] == []


def test_without_javascript_the_page_still_shows_its_faces_and_numbers(chromium):
    chromium.get("about:blank")
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(chromium, 1280, 800)
        assert not one(chromium, ".controls").is_displayed()
        assert len(all_of(chromium, ".figure4 tbody tr")) >= 7
        assert all(panel.is_displayed() for panel in all_of(chromium, ".matrix"))
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
