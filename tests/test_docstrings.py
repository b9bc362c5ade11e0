"""Every public module, class and function has a docstring."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in ("wnet", "pipeline")
    for path in (ROOT / package).rglob("*.py")
)


@pytest.mark.parametrize("name", FILES)
def test_public_names_have_docstrings(name):
    module = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    public = [
        node
        for node in module.body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_")
    ]
    without = [node.name for node in public if ast.get_docstring(node) is None]
    assert ast.get_docstring(module), "the module has none"
    assert not without
