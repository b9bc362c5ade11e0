"""Make the pictures of README.md and docs/ from the pages in reports/: `python docs/pictures.py`.

It needs Chromium with its driver, and what `make` installs. sample.png is the figure of faces in
the comparison, report.png the first screen of the sample's page, and compare.png the slider and the
gains of two networks, for which two evaluations of the sample are needed (docs/experiments.md).
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
        networks = len(all_of(driver, "[name=left] option")) - 3
        if networks > 1:
            keep(driver, "compare.png", [".table"])
        show(driver, 150 * (networks + 3) + 40, HEIGHT)  # faces of some 128 px
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
