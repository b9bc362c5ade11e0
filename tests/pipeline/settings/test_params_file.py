"""Invalid params.yaml files, and names that could act as commands or paths."""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.settings.params import BadParameters, checked, load

CONTENT = YAML(typ="safe").load(ROOT / "params.yaml")
BILLIONS = b"a0: &a0 [x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "not a mapping of sections"),
        (b"- a\n", "not a mapping of sections"),
        (b"datasets: [\xff]\n", "invalid start byte"),
        (b"crop: {}\ncrop: {}\n", 'line 2: found duplicate key "crop"'),
        (b"crop: !!python/object/apply:os.system [id]\n", "line 1: could not determine a constr"),
        (b"crop: *none\n", "line 1: found undefined alias"),
        (b"a: [\n", "line 2: "),
        (b"a: \0\n", "special characters are not allowed"),
        (b"a: " + b"[" * 400, ""),
        (b"? [1, 2]\n: 3\n", "Keys should be strings"),
        (b"a: &a [*a]\n", "no such key"),
        (BILLIONS, "a29 = [[[["),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value[:20],
)
def test_an_invalid_file_is_reported_in_a_line(tmp_path, text, said):
    path = tmp_path / "params.yaml"
    path.write_bytes(text)
    with pytest.raises(BadParameters) as caught:
        load(path=path)
    assert said in str(caught.value)
    assert all(len(line) < 400 for line in str(caught.value).split("\n"))


def test_anchors_and_aliases_are_resolved(tmp_path):
    text = (ROOT / "params.yaml").read_text().replace("  seed: 1", "  seed: &one 1", 1)
    (tmp_path / "params.yaml").write_text(text.replace("  seed: 1", "  seed: *one"))
    assert load(path=tmp_path / "params.yaml") == load(path=ROOT / "params.yaml")


@pytest.mark.parametrize("name", ["a; rm -rf x", "../x", "a b", "-x", "$(x)", "a\n", "", "x" * 65])
@pytest.mark.parametrize(
    "group",
    ["pyramids", "splits", "trainings", "evaluations", "comparisons", "recipes", "runs"],
)
def test_a_key_that_is_not_a_valid_name_is_refused(group, name):
    content = copy.deepcopy(CONTENT)
    content[group][name] = next(iter(content[group].values()))
    with pytest.raises(BadParameters) as caught:
        checked(content)
    assert f"params.yaml: {group}." in str(caught.value)
    assert re.search("a name has letters without accents|at most 64 ch", str(caught.value))


def test_no_name_becomes_a_command(project):
    """DVC inserts `${item}` into the shell unquoted; `resolve`, the first, refuses the name."""
    name = "x; touch harmed $(touch harmed)"
    content = copy.deepcopy(CONTENT)
    content["datasets"] = [name]
    content["recipes"][name] = content["recipes"]["sample"]
    YAML().dump(content, project / "params.yaml")
    shutil.copy(ROOT / "dvc.yaml", project)
    scripts = str(Path(sys.executable).parent)
    environment = {"PATH": scripts + os.pathsep + os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    dvc = [sys.executable, "-m", "dvc"]
    subprocess.run([*dvc, "init", "--no-scm", "-q"], cwd=project, check=True)
    (project / "data/raw" / name).mkdir(parents=True)
    for package in ("drawn", "pipeline", "wnet"):
        shutil.copytree(ROOT / package, project / package)
    done = subprocess.run(
        [*dvc, "repro", f"crop@{name}"],
        cwd=project, env={**os.environ, **environment}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert "params.yaml: datasets.0 = 'x; touch" in done.stdout + done.stderr
    assert not (project / "harmed").exists()
