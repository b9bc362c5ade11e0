"""The page of a comparison in a browser, made from the results of `comparison_inputs`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner
from comparison_inputs import NAME, RUN, put_params, put_results
from headless import chromium_with

from pipeline.compare import main

# The colour of a picture's pixel at (7, 9).
PIXEL = """
const [image] = arguments, canvas = document.createElement('canvas');
[canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
const pen = canvas.getContext('2d');
pen.drawImage(image, 0, 0);
return [...pen.getImageData(7, 9, 1, 1).data];
"""


@contextmanager
def comparison_in_chromium(tmp_path_factory) -> Iterator:
    """The browser with the page's address, a file; `pictures` are the input pictures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        put_params(faces=7, resamples=1000)
        pictures = put_results()
        made = CliRunner().invoke(main, [NAME, *RUN])
        assert made.exit_code == 0, made.output
        address = Path(RUN[-1]).resolve().as_uri()
    with chromium_with(address, tmp_path_factory.mktemp("profile")) as driver:
        driver.pictures = pictures
        yield driver


def rows(driver):
    """Names of the faces in the figure, from above."""
    return driver.execute_script(
        "return [...document.querySelectorAll('.figure4 tbody td:first-child .under')]"
        ".map(name => name.textContent)"
    )


def rows_of_all(driver):
    choose(driver, "rows", "all")
    return rows(driver)


def choose(driver, name, value):
    """Set a field as a user would, in one request; selenium's own way takes a dozen."""
    found = driver.execute_script(
        "const field = document.querySelector(`[name=${arguments[0]}]`);"
        "field.value = arguments[1];"
        "field.dispatchEvent(new Event('change', {bubbles: true})); return field.value",
        name,
        value,
    )
    assert found == value


def at(driver):
    """The state in the page's address."""
    fragment = driver.current_url.partition("#")[2]
    return {key: values[0] for key, values in parse_qs(fragment).items()}
