"""dvc.yaml says the truth: about code, parameters, and what DVC can cache."""

import ast
import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
PARAMS = YAML(typ="safe").load(ROOT / "params.yaml")
# What all stages share decides whether, where and how fast they run, never what they
# make: a better error message must not crop 200,000 photographs again.
HARNESS = [ROOT / folder for folder in ("pipeline/harness", "pipeline/settings", "wnet/files")]
LIGHT = ("synthesize", "crop", "parse", "pyramid", "split")


def body(stage: str) -> dict:
    return STAGES[stage].get("do", STAGES[stage])


def imported_files(path: Path) -> set[Path]:
    """Project files that a file imports anywhere, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            candidate = ROOT / f"{name.replace('.', '/')}.py"
            if name.split(".")[0] in ("drawn", "pipeline", "wnet") and candidate.is_file():
                found.add(candidate)
    return found


def closure(path: Path) -> set[Path]:
    """The file and all that it imports, the harness left out."""
    seen, waiting = set(), [path]
    while waiting:
        file = waiting.pop()
        if file not in seen and file.parent not in HARNESS:
            seen.add(file)
            waiting.extend(imported_files(file))
    return seen


@pytest.mark.parametrize("stage", STAGES)
def test_deps_hold_exactly_the_code_that_is_imported(stage):
    needed = {str(file.relative_to(ROOT)) for file in closure(ROOT / f"pipeline/{stage}.py")}
    listed = {dep for dep in body(stage)["deps"] if dep.endswith(".py")}
    assert listed == needed, f"deps of {stage} should list\n- " + "\n- ".join(sorted(needed))


@pytest.mark.parametrize("stage", STAGES)
def test_stages_that_fill_templates_depend_on_them(stage):
    fills = ROOT / "pipeline/pages/pages.py" in closure(ROOT / f"pipeline/{stage}.py")
    assert ("pipeline/pages/templates" in body(stage)["deps"]) == fills


def test_package_files_hold_nothing_that_could_change_a_result():
    for path in itertools.chain(
        ROOT.rglob("pipeline/**/__init__.py"), ROOT.rglob("wnet/**/__init__.py")
    ):
        statements = ast.parse(path.read_text(encoding="utf-8")).body
        assert all(isinstance(node, ast.Expr) for node in statements), path


def test_no_stage_imports_another():
    for stage in STAGES:
        others = imported_files(ROOT / f"pipeline/{stage}.py") & {
            ROOT / f"pipeline/{other}.py" for other in STAGES
        }
        assert not others, stage


def test_stage_script_section_and_test_share_one_name():
    for stage in STAGES:
        check, command = body(stage)["cmd"]
        assert check == "python -m pipeline.settings.check"
        assert command.startswith(f"python -m pipeline.{stage} ")
        assert (ROOT / f"tests/pipeline/test_{stage}.py").is_file(), stage


def test_no_key_has_a_name_that_the_run_cache_drops():
    def keys(node):
        if isinstance(node, dict):
            for key, value in node.items():
                yield key
                yield from keys(value)

    assert not {"size", "nfiles"} & set(keys(PARAMS))


def test_the_run_cache_stays_on_for_every_stage():
    for stage in STAGES:
        assert all(isinstance(out, str) for out in body(stage).get("outs", [])), stage


def test_light_stages_do_not_import_torch():
    modules = ", ".join(f"pipeline.{stage}" for stage in LIGHT)
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
