"""`wnet demo` in a headless Chromium: a photograph is dropped and shown enlarged."""

import io
import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
from headless import all_of, chromium_with, one, show
from PIL import Image
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.support.ui import WebDriverWait
from small_project import ROOT

from wnet.data.resize import bicubic

pytest.importorskip("gradio", reason="gradio is not installed: pip install '.[demo]'")

# Records every address outside this machine to which a socket connects.
WATCH = """
import os, socket
connect = socket.socket.connect
def noted(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
        with open(os.environ["WATCHED"], "a") as file:
            print(address, file=file)
    return connect(self, address)
socket.socket.connect = noted
"""
# As docs/use.md has it for a Space.
APP = 'import runpy\n\nrunpy.run_module("pipeline.commands.demo", run_name="__main__")\n'
FETCHED = """
const [address, done] = [arguments[0], arguments[1]];
fetch(address).then(r => r.blob()).then(blob => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result);
  reader.readAsDataURL(blob);
});
"""


@pytest.fixture
def served(model, project):
    """The address of a demo of the project's network, the folder of its temporary files."""
    (project / "watch").mkdir()
    (project / "watch/sitecustomize.py").write_text(WATCH)
    (project / "kept").mkdir()
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(project / "watch"), str(ROOT))),
        "WATCHED": str(project / "watched"),
        "TMPDIR": str(project / "kept"),
        "PYTHONUNBUFFERED": "1",
    }
    (project / "app.py").write_text(APP)
    command = [sys.executable, "app.py", "--port", "0", "--megabytes", "1"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, text=True
    )
    said = ""
    for line in process.stdout:
        said += line
        if found := re.match(r"(http://127\.0\.0\.1:\d+/) ", line):
            break
    else:
        raise AssertionError(said)
    try:
        yield found[1]
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert list((project / "kept").iterdir()) == []
    assert not (project / "watched").exists()


def test_the_space_of_the_documents_is_what_is_tested_here():
    assert f"```text\n{APP}```" in (ROOT / "docs/use.md").read_text(encoding="utf-8")


def drop(driver, path):
    one(driver, "#photo input[type=file]").send_keys(str(path))


def wait(driver, condition):
    ignored = [StaleElementReferenceException]
    return WebDriverWait(driver, 120, 0.2, ignored).until(lambda _: condition())


def said(driver):
    return " ".join(element.text for element in all_of(driver, "#said"))


def pixels(driver, image):
    """The pixels of a picture on the page."""
    driver.set_script_timeout(60)
    content = driver.execute_async_script(FETCHED, image.get_attribute("src"))
    encoded = __import__("base64").b64decode(content.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))


def test_a_dropped_photograph_is_enlarged_and_compared_with_bicubic(
    served, project, drawn_faces, tmp_path_factory
):
    photo = np.asarray(Image.fromarray(drawn_faces[0].image).resize((80, 80)))
    Image.fromarray(photo).save(project / "a <b>bold face.png")
    (project / "words.jpg").write_text("no photograph")
    noise = np.random.default_rng(1).integers(0, 255, (700, 700, 3), np.uint8)
    Image.fromarray(noise).save(project / "heavy.png")
    wide = Image.new("RGB", (3000, 2000))
    wide.save(project / "wide.png")
    with chromium_with(served, tmp_path_factory.mktemp("profile")) as page:
        show(page, 1280, 900)
        wait(page, lambda: all_of(page, "#photo input[type=file]"))
        assert "x4" in one(page, "body").text
        drop(page, project / "a <b>bold face.png")
        wait(page, lambda: "80 x 80 to 320 x 320 px" in said(page))
        assert "bold face.png" in said(page)
        assert "1 face found" in said(page)
        wait(page, lambda: len(all_of(page, "#slider img")) >= 2)
        shown = [pixels(page, image) for image in all_of(page, "#slider img")[:2]]
        smooth = bicubic(photo[None], 320, 320)[0]
        is_smooth = [np.array_equal(image, smooth) for image in shown]
        assert sorted(is_smooth) == [False, True]
        assert {image.shape for image in shown} == {(320, 320, 3)}
        boxed = pixels(page, one(page, "#found img"))
        changed = (boxed != photo).any(axis=2)
        assert 0 < changed.mean() < 0.2
        assert (boxed[changed] == (255, 170, 0)).all()
        drop(page, project / "words.jpg")
        wait(page, lambda: "words.jpg was not enlarged" in said(page))
        assert "not an image in a known format" in said(page)
        assert not [image for image in all_of(page, "#slider img") if image.is_displayed()]
        drop(page, project / "wide.png")
        wait(page, lambda: "would have 12000 x 8000 pixels, more than 40,000,000" in said(page))
        drop(page, project / "heavy.png")
        wait(page, lambda: "size" in one(page, "body").text.lower() and "1" in said_of_error(page))
        assert "heavy.png" not in said(page)
        events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
        sent = [e for e in events if e["method"] == "Network.requestWillBeSent"]
        asked = {event["params"]["request"]["url"] for event in sent}
        local = (served, "data:", "blob:", "chrome:", "about:")
        assert {address for address in asked if not address.startswith(local)} == set()


def said_of_error(driver):
    return " ".join(element.text for element in all_of(driver, ".toast-wrap, #photo"))
