"""`wnet compare`: which entries of a set become active, and which commands run."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from pipeline.commands.cli import main
from pipeline.settings import params


def call(*words):
    return CliRunner().invoke(main, ["compare", *words])


@pytest.fixture
def ran(monkeypatch):
    commands = []

    def run(command, **options):
        commands.append(command)
        return SimpleNamespace(returncode=3)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_the_sets_are_listed(project):
    result = call()
    assert result.exit_code == 0
    assert "ablation: 8 runs at x4 on celeba mode2, tested on celeba mode2" in result.output


def test_a_set_becomes_active_and_dvc_runs(project, ran):
    before = params.FILE.read_text(encoding="utf-8")
    result = call("sample-ablation")
    assert ran == [[sys.executable, "-m", "dvc", "repro", "--keep-going"]]
    assert result.exit_code == 3  # DVC's own
    assert "7 new trainings: sample-ablation-wnet-small-a-x4" in result.output
    after = params.FILE.read_text(encoding="utf-8")
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    kept = [line for line in before.splitlines() if line not in after.splitlines()]
    assert "  sample-ablation-wnet-small-g-x4:" in added
    assert kept == []
    assert {name.split("-x4")[0] for name in params.load().evaluations} >= {"sample"}
    again = call("sample-ablation")
    assert "0 new trainings" in again.output
    assert params.FILE.read_text(encoding="utf-8") == after


def test_dry_changes_nothing_and_names_what_is_missing(project, ran):
    before = params.FILE.read_bytes()
    result = call("mode1", "--dry")
    assert result.exit_code == 0
    assert "12 new trainings" in result.output
    assert "24 new evaluations" in result.output
    assert "missing: crop needs recipes.celeba.crop.landmarks = fan" in result.output
    assert (params.FILE.read_bytes(), ran) == (before, [])


def test_an_invalid_set_is_refused_and_nothing_is_written(project, ran):
    assert "sampel: not among the sets of params.yaml" in call("sampel").output
    content = YAML(typ="safe").load(params.FILE)
    content["sets"]["sample"]["runs"].append("srgna")
    content["trainings"]["sample-srcnn-x4"] = content["trainings"]["sample-x4"] | {"run": "srcnn"}
    YAML().dump(content, params.FILE)
    before = params.FILE.read_bytes()
    assert "trainings.sample-srcnn-x4 is another than that of the set" in call("sample").output
    del content["trainings"]["sample-srcnn-x4"]
    YAML().dump(content, params.FILE)
    before = params.FILE.read_bytes()
    result = call("sample")
    assert result.exit_code == 1
    assert "trainings.sample-srgna-x4.run = srgna: not in runs" in result.output
    assert (params.FILE.read_bytes(), ran) == (before, [])
