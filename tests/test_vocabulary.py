"""The prose linter: codespell with docs/vocabulary.txt."""

import configparser
import re
import shutil
import subprocess

import pytest
from small_project import ROOT

ENTRIES = dict(
    line.split("->") for line in (ROOT / "docs/vocabulary.txt").read_text("utf-8").splitlines()
)


def test_what_codespell_looks_up_includes_every_phrase():
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / ".codespellrc", encoding="utf-8")
    looked_up = re.compile(config["codespell"]["regex"])
    for entry in ENTRIES:
        assert looked_up.findall(f"A line where it {entry} nothing.")[4] == entry


@pytest.mark.skipif(shutil.which("codespell") is None, reason="codespell is not installed")
def test_every_entry_is_reported_with_its_replacement():
    text = "".join(f"It {entry} nothing.\n" for entry in ENTRIES)
    command = ["codespell", "-"]
    result = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True)
    reported = re.findall(r"^\t(.+) ==> (.+)$", result.stdout, re.MULTILINE)
    assert reported == [(entry, new.rstrip(",")) for entry, new in ENTRIES.items()]
