"""The stage `resolve`: an item is stale when its result would differ, and only then."""

import ast
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from params_file import edit_keys
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline import resolve as stage
from pipeline.settings import params
from pipeline.settings.code import PACKAGES, Code
from pipeline.settings.resolution import Item, items
from pipeline.settings.resolved import resolve

PYTHONS = [f"python3.{minor}" for minor in range(10, 16)]
ALIKE = {  # an edit of a file that changes no result, and how it is made
    "a docstring": ("wnet/metrics/images.py", lambda text: text.replace('"""', '"""Other. ', 1)),
    "a comment": ("wnet/data/shards.py", lambda text: f"{text}\n# a remark\n"),
    "a comment in a figure": ("wnet/figures/grid.py", lambda text: f"# a remark\n{text}"),
    "a comment in a network": ("wnet/networks/wnet/scab.py", lambda text: f"{text}# a remark\n"),
    "formatting": (
        "wnet/crops/rules.py",
        lambda text: ast.unparse(ast.parse(text)),
    ),
    "the order of imports": (
        "pipeline/pyramid.py",
        lambda text: text.replace("import click\n", "", 1).replace(
            "from dataclasses", "import click\nfrom dataclasses", 1
        ),
    ),
    "how runs are merged with sections": (
        "pipeline/settings/params.py",
        lambda text: text + "X = 1\n",
    ),
    "an error message of the harness": (
        "pipeline/harness/command.py",
        lambda text: text + "X = 1\n",
    ),
    "a range of a key": (
        "wnet/training/settings.py",
        lambda text: text.replace("le=65536", "le=65535"),
    ),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of the project's code and parameters."""
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package)
    shutil.copy(ROOT / "params.yaml", folder)
    return folder


@cache
def items_of(path: Path, text: str) -> list[Item]:
    """The items of a params.yaml with this text, which is read once."""
    return [*items(params.load(path))]


def digests(folder: Path) -> dict[tuple[str, str], str]:
    """The digest of every item, by stage and name."""
    path = folder / "params.yaml"
    entries = resolve(items_of(path, path.read_text(encoding="utf-8")), Code(folder))
    return {
        (stage, name): entry["digest"]
        for stage, named in entries.items()
        for name, entry in named.items()
    }


@pytest.fixture(scope="module")
def before(tree) -> dict[tuple[str, str], str]:
    return digests(tree)


def changed(tree: Path, before: dict) -> set[tuple[str, str]]:
    after = digests(tree)
    return {item for item in before.keys() | after.keys() if before.get(item) != after.get(item)}


def test_files_that_python_leaves_beside_the_code_are_ignored(tree, before):
    (tree / "wnet/data/__pycache__").mkdir(exist_ok=True)
    (tree / "wnet/data/__pycache__/shards.cpython-399.pyc").write_bytes(b"compiled")
    assert changed(tree, before) == set()


@pytest.mark.parametrize("edit", ALIKE)
def test_an_edit_that_changes_no_result_makes_nothing_stale(tree, before, edit):
    file, how = ALIKE[edit]
    path = tree / file
    text = path.read_text(encoding="utf-8")
    path.write_text(how(text), encoding="utf-8")
    try:
        assert path.read_text(encoding="utf-8") != text
        assert changed(tree, before) == set()
    finally:
        path.write_text(text, encoding="utf-8")


def test_a_new_network_makes_nothing_stale(tree, before):
    shutil.copytree(tree / "wnet/networks/srcnn", tree / "wnet/networks/another")
    try:
        assert changed(tree, before) == set()
    finally:
        shutil.rmtree(tree / "wnet/networks/another")


def test_a_file_that_only_moves_makes_nothing_stale(tree, before):
    """The imports are changed accordingly; the code that runs is the same."""
    old, new = "wnet.data.pixels", "wnet.photographs.pixels"
    texts = {path: path.read_text(encoding="utf-8") for path in tree.rglob("*.py")}
    moved = tree / "wnet/photographs/pixels.py"
    for path, text in texts.items():
        path.write_text(text.replace(old, new), encoding="utf-8")
    (tree / "wnet/data/pixels.py").rename(moved)
    try:
        assert changed(tree, before) == set()
    finally:
        moved.unlink()
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")


def test_a_real_edit_of_any_file_makes_stale_what_runs_it_and_nothing_else(tree, before):
    """A constant is changed in each file that an item imports, one file after the other."""
    entries = resolve(items(params.load(tree / "params.yaml")), Code(tree))
    users: dict[str, set[tuple[str, str]]] = {}
    for name, named in entries.items():
        for item, entry in named.items():
            for module in entry["code"]:
                users.setdefault(module, set()).add((name, item))
    assert len(users) > 70
    for module, expected in users.items():
        path = tree / f"{module.replace('.', '/')}.py"
        text = path.read_text(encoding="utf-8")
        path.write_text(_altered(text), encoding="utf-8")
        try:
            assert changed(tree, before) == expected, module
        finally:
            path.write_text(text, encoding="utf-8")


def test_a_template_makes_the_pages_stale(tree, before):
    path = tree / "pipeline/pages/templates/macros.html"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text} ", encoding="utf-8")
    try:
        pages = {("report", "sample-x4"), ("compare", "sample-fractions-x4"), ("index", "all")}
        assert changed(tree, before) == pages
    finally:
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("train.epochs", 7, set()),  # the active run has epochs of its own
        ("train.seed", 9, {("train", "sample-x4")}),
        ("weights.fan.sha256", "0" * 64, set()),  # the dataset uses dlib
        ("weights.vgg19.sha256", "0" * 8, set()),  # the run has no perceptual term
        ("crop.min_side", 1, {("crop", "sample")}),
        ("crop.resolution", 256, set()),  # the recipe has a resolution of its own
        ("recipes.celeba.crop", {"resolution": 256}, set()),
        ("runs.edsr.model.blocks", 4, set()),
        ("loss.pixel", 0.9, {("train", "sample-x4")}),
        ("pyramids.sample-x2", {"dataset": "sample", "scale": 2}, {("pyramid", "sample-x2")}),
        ("parse.degenerate_below", 0.9, {("parse", "sample")}),
        ("quality.protocols", ["dic"], {("quality", "sample-x4")}),
        ("landmarks.failure", 0.01, {("landmarks", "sample-x4")}),
        ("identity.thresholds", 5, {("identity", "sample-x4")}),
        ("compare.faces", 3, {("compare", "sample-fractions-x4"), ("report", "sample-x4")}),
        ("report.magnify", 2, {("report", "sample-x4")}),
        (
            "recipes.sample.reference.enlarge",
            2,
            {("reference", "sample-fractions"), ("landmarks", "sample-x4"),
             ("identity", "sample-x4")},
        ),
    ],
)  # fmt: skip
def test_a_parameter_makes_stale_the_items_that_use_it(tree, before, key, value, expected):
    text = (tree / "params.yaml").read_text(encoding="utf-8")
    edit_keys(tree / "params.yaml", {key: value})
    try:
        assert changed(tree, before) == expected
    finally:
        (tree / "params.yaml").write_text(text, encoding="utf-8")


def test_every_installed_python_computes_the_same_digest(tree):
    """A team with two versions of Python need not train twice."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path\n"
        "import importlib.util as u\n"
        "spec = u.spec_from_file_location('code_', sys.argv[2])\n"
        "code = u.module_from_spec(spec); sys.modules['code_'] = code\n"
        "spec.loader.exec_module(code)\n"
        "tree = code.Code(Path(sys.argv[1]))\n"
        "print(sys.version_info[:2], tree.digest(sorted(tree.modules)))\n"
    )
    found = {
        os.path.realpath(path)
        for place in [*os.get_exec_path(), *Path.home().glob(".pyenv/versions/*/bin")]
        for name in PYTHONS
        if (path := shutil.which(name, path=str(place)))
    }
    code, said = str(ROOT / "pipeline/settings/code.py"), {}
    for python in sorted({*found, os.path.realpath(sys.executable)}):
        if subprocess.run([python, "-c", ""], capture_output=True).returncode:
            continue  # a substitute for a version that is not installed
        made = subprocess.run(
            [python, "-c", script, str(tree), code], capture_output=True, text=True, check=True
        )
        version, _, digest = made.stdout.strip().rpartition(" ")
        said[version] = digest
    assert len(set(said.values())) == 1, said


def test_an_import_circle_is_named(tree):
    path = tree / "wnet/data/resize.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"from wnet.landmarks import finder\n{text}", encoding="utf-8")
    try:
        with pytest.raises(ValueError, match=r"circular import: .*finder > wnet\.data\.resize"):
            digests(tree)
    finally:
        path.write_text(text, encoding="utf-8")


def test_the_stage_writes_entries_and_artifacts_and_refuses_bad_parameters(project, edit_params):
    run = CliRunner().invoke(stage.main, ["resolved.json", "artifacts/dvc.yaml"])
    assert run.exit_code == 0, run.output
    entry = json.loads(Path("resolved.json").read_text())["train"]["sample-x4"]
    assert entry["parameters"]["train"]["epochs"] == 16
    assert entry["parameters"]["model"]["width"] == 16
    assert "wnet.networks.wnet.network" in entry["code"]
    assert "wnet.networks.edsr.network" not in entry["code"]
    artifacts = YAML(typ="safe").load(Path("artifacts/dvc.yaml"))["artifacts"]
    assert artifacts["sample-x4"]["path"] == "../models/sample-x4/network"
    edit_params({"train.epochs": 0})
    run = CliRunner().invoke(stage.main, ["resolved.json", "artifacts/dvc.yaml"])
    assert run.exit_code == 1
    assert "params.yaml: train.epochs = 0" in run.output


def _altered(text: str) -> str:
    """The code with its first number changed, or with an added number if it has none."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            lines = text.split("\n")
            line = lines[node.lineno - 1].encode()
            changed = line[: node.col_offset] + b"12345" + line[node.end_col_offset :]
            lines[node.lineno - 1] = changed.decode()
            return "\n".join(lines)
    return f"{text}\nALTERED = 12345\n"
