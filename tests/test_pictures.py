"""The pictures in the documents, made from pages in a browser."""

import importlib.util
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from comparison_inputs import NAME, RUN, put_params, put_results
from PIL import Image
from small_project import ROOT

from pipeline.compare import main


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """The script, with its pages and pictures in a separate folder."""
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "docs/pictures.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(script, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(script, "DOCS", tmp_path)
    return script


def test_each_picture_is_of_its_part_of_a_page(pictures):
    put_params(faces=6, resamples=1000)
    put_results()
    made = CliRunner().invoke(main, [NAME, *RUN])
    assert made.exit_code == 0, made.output
    shutil.move("reports/compare.html", f"reports/compare-{NAME}.html")
    page = Path("reports/sample-x4/index.html")
    page.parent.mkdir()
    head = "<h1 style='margin: 30px; height: 50px'>A page</h1>"
    page.write_text(f"{head}<p class=tiles style='margin: 30px; height: 100px'>Tiles</p>")
    pictures.main()
    sizes = {path.name: Image.open(path).size for path in Path().glob("*.png")}
    assert sizes.keys() == {"sample.png", "report.png", "compare.png"}
    assert sizes["report.png"][1] == 50 + 30 + 100 + 2 * 12
    faces = Image.open("sample.png").convert("RGB")
    assert faces.width < 150 * (4 + 1)  # of input, bicubic, W-Net and original, not of all methods
    assert faces.getpixel((20, 20)) == (0x18, 0x1A, 0x1D)  # what is around the figure's faces
    assert faces.getpixel((2, 2)) == (0xF6, 0xF6, 0xF4)  # and around the figure


def test_pages_that_are_missing_are_named(pictures):
    with pytest.raises(SystemExit, match=r"compare-sample-fractions-x4\.html: no such file; run"):
        pictures.main()
