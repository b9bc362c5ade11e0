"""The documentation is correct: its examples run, its commands, files and links are there."""

import re
from itertools import chain
from pathlib import Path

import pytest
from documented import DOCS, blocks
from ruamel.yaml import YAML
from small_project import ROOT
from test_recipes import FILES as RECIPES

from pipeline.settings import params


def cases(language: str) -> list:
    """The fenced blocks of one language."""
    return [pytest.param(block.text, id=str(block)) for block in blocks(language)]


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory) -> Path:
    """A finished project, for examples that write into it."""
    return finished.copy(tmp_path_factory.mktemp("docs")).folder


@pytest.mark.parametrize("code", cases("python"))
@pytest.mark.usefixtures("one_thread")
def test_examples_run(project, monkeypatch, code):
    monkeypatch.chdir(project)
    exec(compile(code, "example", "exec"), {})


def pasted(text: str, block: str) -> str:
    """params.yaml with a block in the place that its document names: below `recipes:`, or as the
    first five."""
    if block.startswith(" "):
        return text.replace("\nrecipes:\n", f"\nrecipes:\n{block}", 1)
    found = re.fullmatch(r"(.*?\n)datasets:\n.*?(\n# Pretrained networks.*)", text, re.DOTALL)
    return found[1] + block + found[2]


def test_blocks_of_params_yaml_can_be_pasted_in_turn(tmp_path):
    """contributing.md's are pasted by tests/test_recipes.py."""
    path = tmp_path / "params.yaml"
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    pieces = [block.text for block in blocks("yaml") if block.document.name == "celeba.md"]
    recipes = [piece for piece in pieces if piece.startswith(" ")]
    for recipe in recipes:
        text = pasted(text, recipe)
    for piece in set(pieces) - set(recipes):
        path.write_text(pasted(text, piece), encoding="utf-8")
        named = YAML(typ="safe").load(piece)
        assert list(params.load(path).evaluations) == list(named["evaluations"])
        assert list(params.load(path).datasets) == named["datasets"]


def test_every_piece_of_params_yaml_is_pasted_by_a_test():
    documents = {block.document.name for block in blocks("yaml")}
    assert documents == {"celeba.md", "contributing.md", "training.md"}


def test_the_training_of_an_equal_recipe_is_valid(tmp_path):
    content, piece = with_family(), of_training("trainings")
    content["trainings"] |= piece["trainings"]
    YAML().dump(content, tmp_path / "params.yaml")
    training = params.load(tmp_path / "params.yaml").trainings[next(iter(piece["trainings"]))]
    assert (training.run, training.equal_to) == ("edsr", "wnet-small")


def test_the_training_on_several_datasets_is_valid(tmp_path):
    content, piece = with_family(), of_training("pools")
    for block, entries in piece.items():
        content[block] = content.get(block, {}) | entries
    YAML().dump(content, tmp_path / "params.yaml")
    everything = params.load(tmp_path / "params.yaml")
    learnt = [
        member.dataset for member in everything.members(everything.trainings["both-x4"].dataset)
    ]
    assert learnt == ["sample", "family"]


@pytest.mark.parametrize(("block", "name"), [("runs", "edsr-small"), ("sets", "mode1")])
def test_what_is_shown_of_params_yaml_is_in_it(block, name):
    content = YAML(typ="safe").load(ROOT / "params.yaml")
    assert of_training(block)[block] == {name: content[block][name]}


def of_training(first: str) -> dict:
    """The block of params.yaml in training.md that begins with this key."""
    pieces = [block.text for block in blocks("yaml") if block.document.name == "training.md"]
    (piece,) = [each for each in map(YAML(typ="safe").load, pieces) if next(iter(each)) == first]
    return piece


def with_family() -> dict:
    """params.yaml with a second dataset, prepared like the sample."""
    content = YAML(typ="safe").load(ROOT / "params.yaml")
    content["datasets"].append("family")
    content["recipes"]["family"] = content["recipes"]["sample"]
    content["splits"]["family-fractions"] = {"dataset": "family", "split": "fractions"}
    content["pyramids"]["family-x4"] = {"dataset": "family", "scale": 4}
    return content


def test_the_run_with_degraded_faces_is_valid(tmp_path):
    pieces = [block.text for block in blocks("yaml") if block.document.name == "training.md"]
    (piece,) = [piece for piece in pieces if "degrade:" in piece]
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(text.replace("\nruns:\n", f"\nruns:\n{piece}", 1))
    runs = params.load(tmp_path / "params.yaml").runs
    assert runs["wnet-small-degraded"].degrade.share > 0
    same = {"model", "loss"}
    assert runs["wnet-small-degraded"].model_dump(include=same) == runs["wnet-small"].model_dump(
        include=same
    )


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_and_files_are_there(path):
    text = path.read_text(encoding="utf-8")
    added = [*chain(*RECIPES.values())] if path.name == "contributing.md" else []
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", text):
        linked = path.parent / target if target else path
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text("utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in headings}
            assert anchor in slugs, f"{target}#{anchor}"
    for name in re.findall(r"`((?:wnet|pipeline|tests|benchmarks)/[\w/]+\.\w+)`", text):
        assert (ROOT / name).exists() or name in added, name


def test_the_index_leads_to_every_page():
    linked = re.findall(r"\]\(([^)]+\.md)\)", (ROOT / "docs/index.md").read_text("utf-8"))
    pages = {path.name for path in ROOT.glob("docs/*.md")} - {"index.md"}
    assert pages <= set(linked)


def test_ci_runs_the_two_commands_and_commits_are_checked_by_the_same_linters():
    workflow = YAML(typ="safe").load(ROOT / ".github/workflows/ci.yml")
    steps = [step.get("run") for job in workflow["jobs"].values() for step in job["steps"]]
    assert {"make", "make test", "make lint"} <= set(steps)
    pinned = re.findall(
        r"^(?:ruff|codespell)==.+$", (ROOT / "constraints.txt").read_text(), re.MULTILINE
    )
    assert len(pinned) == 2
    for linter in pinned:
        assert f"[{linter}]" in (ROOT / ".pre-commit-config.yaml").read_text()


def test_the_version_is_the_same_everywhere():
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    (version,) = re.findall(r"^version = (.+)$", setup, re.MULTILINE)
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert versions[0] == version


def test_the_versions_of_python_are_the_same_everywhere():
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    known = re.findall(r"Python :: (3\.\d+)$", setup, re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"Python {known[0]} to {known[-1]}" in readme
    (oldest,) = re.findall(r"^python_requires = >=(\S+)$", setup, re.MULTILINE)
    assert oldest == known[0]
    assert f"With Python {oldest} or later" in readme
    badge = (ROOT / "docs/badge_python.svg").read_text(encoding="utf-8")
    assert f"<title>Python: {known[0]} to {known[-1]}</title>" in badge
    assert f"py{oldest.replace('.', '')}" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_licence_is_the_same_everywhere():
    (licence,) = re.findall(
        r"^license = (.+)$", (ROOT / "setup.cfg").read_text("utf-8"), re.MULTILINE
    )
    badge = (ROOT / "docs/badge_licence.svg").read_text(encoding="utf-8")
    assert f"<title>licence: {licence}</title>" in badge
    assert f"\nlicense: {licence}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith(f"{licence} License\n")


def test_the_readme_has_at_most_900_words():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 900
