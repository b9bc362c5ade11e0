"""The site that `make site` builds: without warnings, complete, and without external requests."""

import re
import subprocess
import sys
from importlib.util import find_spec

import pytest
from ruamel.yaml import YAML
from small_project import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A strict build, which fails on a broken link or anchor."""
    if find_spec("mkdocs") is None:
        pytest.skip("mkdocs is not installed: pip install 'wnet-fsr[docs]'")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return folder


def test_every_document_is_in_the_navigation():
    named = set(re.findall(r"[\w/]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert {path.name for path in ROOT.glob("docs/*.md")} <= named


def test_each_stage_and_each_package_has_its_page(site):
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    packages = {path.parent.name for path in ROOT.glob("wnet/*/__init__.py")}
    assert {path.stem for path in site.glob("stages/*.html")} == set(stages)
    assert {path.stem for path in site.glob("api/wnet.*.html")} == {f"wnet.{p}" for p in packages}
    page = (site / "api/wnet.photographs.html").read_text(encoding="utf-8")
    assert 'id="wnet.photographs.folder.find_photographs"' in page


def test_no_page_loads_anything_from_elsewhere(site):
    loaded = r"""<(?:script|img|iframe|source)[^>]+src=["']?(?:https?:)?//"""
    loaded += r"""|<link[^>]+rel=["']?(?:stylesheet|preconnect|icon)[^>]+href=["']?(?:https?:)?//"""
    loaded += r"""|url\(["']?(?:https?:)?//|@import"""
    files = [path for kind in ("html", "css") for path in site.rglob(f"*.{kind}")]
    assert len(files) > 50
    for path in files:
        assert not re.search(loaded, path.read_text(encoding="utf-8")), path
