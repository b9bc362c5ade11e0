"""Make the pictures of README.md and docs/ from the pages in reports/: `python docs/pictures.py`.

It needs Chromium with its driver, and what `make` installs. sample.png is the figure of faces in
the comparison, by the methods in COLUMNS, report.png the first screen of the sample's page, and
compare.png the slider and the gains of two networks, for which two evaluations of the sample are
needed (docs/experiments.md).
"""

import base64
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from headless import all_of, chromium_with, one, show  # noqa: E402

REPORTS, DOCS = ROOT / "reports", ROOT / "docs"
SET, EVALUATION = "sample-fractions-x4", "sample-x4"
COLUMNS = ("Input", "Bicubic", "SRCNN", "SRGAN", "SPARNet", "EDSR", "W-Net", "Original")
"""Of sample.png; others are hidden."""
HIDE = """
const [plate, kept] = arguments;
const titles = [...plate.querySelectorAll('thead th')].map(title => title.textContent.trim());
const hidden = titles.map(title => !kept.includes(title));
for (const row of plate.querySelectorAll('tr'))
  [...row.cells].forEach((cell, place) => { cell.hidden = hidden[place]; });
plate.style.setProperty('--columns', hidden.filter(is => !is).length);
"""
WIDTH, HEIGHT = 1180, 5000  # of a screen that shows a whole page


def main() -> None:
    """Make all pictures."""
    pages = REPORTS / f"compare-{SET}.html", REPORTS / EVALUATION / "index.html"
    for page in pages:
        if not page.exists():
            sys.exit(f"{page}: no such file; run `make` or `dvc repro`")
    comparison, evaluation = (page.as_uri() for page in pages)
    with (
        tempfile.TemporaryDirectory() as profile,
        chromium_with(comparison, Path(profile)) as driver,
    ):
        show(driver, WIDTH, HEIGHT)
        titles = [title.text for title in all_of(driver, "[name=left] option")]
        if len(titles) > 4:  # more than one network
            keep(driver, "compare.png", [".table"])
        columns = sum(title in COLUMNS for title in titles)
        show(driver, 150 * columns + 40, HEIGHT)  # faces of some 128 px
        driver.execute_script(HIDE, one(driver, ".figure4"), COLUMNS)
        keep(driver, "sample.png", [".plate"])
        driver.address = evaluation
        show(driver, WIDTH, HEIGHT)
        keep(driver, "report.png", ["h1", ".tiles"])


def keep(driver, name: str, selectors: list[str]) -> None:
    """Save the page from the first to the last of these elements, with a margin."""
    margin = 12
    boxes = [
        driver.execute_script(
            "const box = arguments[0].getBoundingClientRect();"
            "return {x: box.x, y: box.y, width: box.width, height: box.height}",
            one(driver, selector),
        )
        for selector in selectors
    ]
    left, top = (min(box[key] for box in boxes) - margin for key in ("x", "y"))
    right, bottom = (
        max(box[key] + box[side] for box in boxes) + margin
        for key, side in (("x", "width"), ("y", "height"))
    )
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top, "scale": 1}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip})
    (DOCS / name).write_bytes(base64.b64decode(shot["data"]))
    print(DOCS / name)


if __name__ == "__main__":
    main()
