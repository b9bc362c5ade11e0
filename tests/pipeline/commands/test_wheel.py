"""The built wheel, installed outside a clone: complete, and clear about what needs a clone."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from PIL import Image
from small_project import ROOT

pytestmark = pytest.mark.slow
PACKAGES = ("drawn", "pipeline", "wnet")


def run(*words, cwd: Path, code: int = 0) -> str:
    """A command's output; the project is importable only where it is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(word) for word in words]
    done = subprocess.run(command, cwd=cwd, env=kept, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A virtual environment with the wheel; what the wheel requires is that of this environment."""
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        unmade = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, source / package, ignore=unmade)
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    run(*build, "--wheel-dir", "dist", ".", cwd=source)
    (wheel,) = source.glob("dist/*.whl")
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    python = folder / "bin/python"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "required.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return packages


@pytest.fixture
def wnet(installed) -> Path:
    """The command."""
    return installed.parents[2] / "bin/wnet"


def test_every_file_of_the_packages_is_in_the_wheel(installed):
    for package in PACKAGES:
        there, here = (
            {path.relative_to(root) for path in (root / package).rglob("*.*") if path.is_file()}
            for root in (installed, ROOT)
        )
        there, here = ({path for path in all_ if path.suffix != ".pyc"} for all_ in (there, here))
        assert there == here


def test_the_command_says_what_needs_a_clone(wnet, tmp_path):
    version = re.search(r"^version = (.+)$", (ROOT / "setup.cfg").read_text("utf-8"), re.MULTILINE)
    assert run(wnet, "--version", cwd=tmp_path) == f"wnet, version {version[1]}\n"
    assert "in a clone of the project" in " ".join(run(wnet, "--help", cwd=tmp_path).split())
    assert "no DVC project is here; run from the root of a clone" in run(
        wnet, "doctor", cwd=tmp_path, code=1
    )
    for words in (["scores"], ["weights", "list"], ["try", "."], ["rename", "a", "b"]):
        said = run(wnet, *words, cwd=tmp_path, code=1)
        assert "run from the root of a clone of the project" in said


def test_every_stage_starts(installed, tmp_path):
    python = installed.parents[2] / "bin/python"
    for stage in ("crop", "split", "report"):
        assert "Usage:" in run(python, "-m", f"pipeline.{stage}", "--help", cwd=tmp_path)


def test_a_network_works_anywhere(wnet, model, drawn_faces, tmp_path_factory):
    away = tmp_path_factory.mktemp("away")
    shutil.copytree(model, away / "net")
    Image.fromarray(drawn_faces[0].image).save(away / "face.png")
    run(wnet, "upscale", "face.png", "-o", "out", "--model", "net", cwd=away)
    assert Image.open(away / "out/face.png").size == (1024, 1024)
    run(wnet, "export", "net", "copy", cwd=away)
    assert (away / "copy/model.safetensors").is_file()
