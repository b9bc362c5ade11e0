"""dvc.yaml is correct: the dependencies of stages, and what DVC can cache."""

import ast
import shutil
import subprocess
import sys

import pytest
from ruamel.yaml import YAML
from small_project import ROOT

STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
PARAMS = YAML(typ="safe").load(ROOT / "params.yaml")
OTHERS = [stage for stage in STAGES if stage != "resolve"]
LIGHT = ("resolve", "synthesize", "bicubic", "crop", "parse", "pool", "pyramid", "split")
PACKAGES = ("drawn", "pipeline", "wnet")


def body(stage: str) -> dict:
    return STAGES[stage].get("do", STAGES[stage])


def test_resolve_depends_on_params_and_all_code_and_only_resolve_does():
    assert body("resolve")["deps"] == ["drawn", "params.yaml", "pipeline", "wnet"]
    for stage in OTHERS:
        assert not {"params.yaml", *PACKAGES} & set(body(stage).get("deps", [])), stage
        assert not [dep for dep in body(stage).get("deps", []) if dep.endswith(".py")], stage


def test_bicubic_which_always_writes_the_same_depends_on_nothing():
    assert not {"deps", "params"} & body("bicubic").keys()


@pytest.mark.parametrize("stage", [stage for stage in OTHERS if stage != "bicubic"])
def test_every_other_stage_depends_on_the_digest_of_its_own_entry(stage):
    (declared,) = body(stage)["params"]
    (keys,) = declared.values()
    item = {"index": "all", "synthesize": "sample"}.get(stage)
    item = item or ("${item}" if stage in ("crop", "parse") else "${key}")
    assert list(declared) == ["resolved.json"]
    assert keys[0] == f"{stage}.{item}.digest"
    assert all(key.startswith(f"{stage}.{item}.") for key in keys)
    assert f"pipeline.{stage} {'' if stage == 'index' else item}" in body(stage)["cmd"]


def test_stage_script_and_test_share_one_name():
    for stage in STAGES:
        assert body(stage)["cmd"].startswith(f"python -m pipeline.{stage} ")
        assert (ROOT / f"tests/pipeline/test_{stage}.py").is_file(), stage


def test_no_key_has_a_name_that_the_run_cache_drops():
    def keys(node):
        if isinstance(node, dict):
            for key, value in node.items():
                yield key
                yield from keys(value)

    assert not {"size", "nfiles"} & set(keys(PARAMS))


def test_the_run_cache_stays_on_for_every_stage_but_the_one_that_takes_a_second():
    for stage in OTHERS:
        assert all(isinstance(out, str) for out in body(stage).get("outs", [])), stage


def test_records_are_outputs_of_their_own_that_only_pages_depend_on():
    for stage in OTHERS:
        named = [dep for dep in body(stage).get("deps", []) if dep.endswith(".made_by.json")]
        assert bool(named) == (stage == "report"), stage


def test_light_stages_do_not_import_torch():
    modules = ", ".join(f"pipeline.{stage}" for stage in LIGHT)
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_package_files_hold_nothing_that_could_change_a_result():
    for package in PACKAGES:
        for path in ROOT.glob(f"{package}/**/__init__.py"):
            statements = ast.parse(path.read_text(encoding="utf-8")).body
            assert all(isinstance(node, ast.Expr) for node in statements), path


def test_no_stage_imports_another_and_the_library_imports_no_stage():
    for stage in STAGES:
        imported = _imported(ROOT / f"pipeline/{stage}.py")
        assert not imported & {f"pipeline.{other}" for other in STAGES}, stage
    for package in ("drawn", "wnet"):
        for path in ROOT.glob(f"{package}/**/*.py"):
            assert not [name for name in _imported(path) if name.startswith("pipeline")], path


def test_modules_are_imported_by_a_computed_name_only_where_the_digest_knows_of_it():
    """Modules imported by `chosen` and by network names are parts of an item: see resolution.py."""
    computed = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in ROOT.glob(f"{package}/**/*.py")
        if "import_module" in path.read_text(encoding="utf-8")
    }
    of_commands = {
        "pipeline/commands/cli.py",
        "wnet/networks/export.py",
        "wnet/networks/one_file.py",
    }
    of_parts = {"pipeline/train.py", "wnet/chosen.py", "wnet/networks/by_name.py"}
    assert computed == of_commands | of_parts


def _imported(path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def stages_of(folder, content: dict) -> list[str]:
    """The stages that DVC makes of a params.yaml."""
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    for name in (".dvc", "artifacts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("cache", "tmp"))
    shutil.copy(ROOT / "dvc.yaml", folder)
    YAML().dump(content, folder / "params.yaml")
    listed = subprocess.run(
        [sys.executable, "-m", "dvc", "stage", "list", "--name-only"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert listed.returncode == 0, listed.stderr
    return listed.stdout.split()


def test_dvc_makes_stages_of_blocks_that_were_moved_up(tmp_path):
    stages = stages_of(tmp_path, PARAMS | PARAMS["paper"] | {"paper": None})
    assert {"crop@helen", "train@mode1-x8", "report@mode2-x8-helen"} <= set(stages)


def test_dvc_needs_no_block_except_the_datasets(tmp_path):
    blocks = ("pyramids", "splits", "trainings", "evaluations", "comparisons", "paper")
    stages = stages_of(tmp_path, {key: PARAMS[key] for key in PARAMS if key not in blocks})
    assert stages == ["resolve", "synthesize", "bicubic", "crop@sample", "parse@sample", "index"]


def test_a_comparison_follows_every_evaluation_of_its_faces_without_an_edit(tmp_path):
    more = {"evaluations": PARAMS["evaluations"] | {"again": PARAMS["evaluations"]["sample-x4"]}}
    assert "compare@sample-fractions-x4" in stages_of(tmp_path, PARAMS | more)
    drawn = subprocess.run(
        [sys.executable, "-m", "dvc", "dag", "--dot"], cwd=tmp_path, capture_output=True, text=True
    )
    for stage in ("reconstruct", "quality", "landmarks", "identity"):
        for name in ("sample-x4", "again"):
            assert f'"{stage}@{name}" -> "compare@sample-fractions-x4"' in drawn.stdout


def test_experiments_are_shown_in_sixty_columns(tmp_path):
    """For the sample, with one evaluation, and without the column of names."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout
    for name in tracked.splitlines():
        if name.startswith((".dvc", "artifacts/", "metrics/")) or "/" not in name:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    for command in (["init"], ["add", "."], ["commit", "--message", "all"]):
        who = ["-c", "user.name=tests", "-c", "user.email=tests@localhost"]
        subprocess.run(["git", *who, *command], cwd=tmp_path, check=True, capture_output=True)
    shown = subprocess.run(
        [sys.executable, "-m", "dvc", "exp", "show", "--csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    columns = shown.stdout.splitlines()[0].split(",")
    not_drawn = {"rev", "typ", "parent"}  # in CSV alone
    assert "sample-x4.sr.psnr.dic" in columns
    assert len(columns) - len(not_drawn) - 1 <= 60
