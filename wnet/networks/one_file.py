"""A network's code as one file, to load its folder without this project.

The modules of this project that it imports are joined in the order of their use. The validation of
settings is left out, since they were validated when they were saved.
"""

import ast
from collections.abc import Iterator
from importlib import import_module
from inspect import getsource

from wnet.networks.network import Network

PROJECT = "wnet."
HEAD = "wnet.networks.standalone"
REPLACED = ("wnet.settings", "wnet.networks.network")  # by standalone.py
CHECKS = ("pydantic", "wnet.settings")  # annotations and decorators from there are left out


def one_file(network: type[Network]) -> str:
    """Python code that needs only torch and safetensors and defines the class of the network.

    Raises ValueError if two modules define different things under one name.
    """
    imports, owners, pieces = set(), {}, []
    for module in (HEAD, *_needed(network.__module__)):
        source = getsource(import_module(module))
        tree = ast.parse(source)
        imports |= set(_of_others(tree))
        for name in _own(tree):
            if owners.setdefault(name, module) != module:
                raise ValueError(f"{name} is both in {owners[name]} and in {module}")
        pieces.append(f"# {module}\n\n\n{_body(source, tree)}")
    name = network.__name__
    head = f'"""{name}.from_pretrained(folder) loads the network beside this file."""'
    begin = "\n".join(["from __future__ import annotations\n", *sorted(imports, key=_plain_first)])
    return "\n\n\n".join([f"{head}\n\n{begin}", *pieces, f"{name}.Config = Config\n"])


def _needed(module: str) -> dict[str, None]:
    """The project's modules that a module needs, then itself, in an order that can run."""
    found: dict[str, None] = {}
    for node in ast.parse(getsource(import_module(module))).body:
        if isinstance(node, ast.ImportFrom) and node.module.startswith(PROJECT):
            found |= {} if node.module in REPLACED else _needed(node.module)
    return found | {module: None}


def _of_others(tree: ast.Module) -> Iterator[str]:
    """The imports of external modules, except those that validate settings."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (f"import {ast.unparse(alias)}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.module.startswith((PROJECT, *CHECKS)):
            yield from (f"from {node.module} import {ast.unparse(alias)}" for alias in node.names)


def _plain_first(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _own(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (ast.unparse(target) for target in node.targets)


def _body(source: str, tree: ast.Module) -> str:
    """A module's lines without docstring, imports, and the validation of settings."""
    checks = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module.startswith(CHECKS)
        for alias in node.names
    }
    left_out = [tree.body[0]]  # the docstring
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom():
                left_out.append(node)
            case ast.Assign():
                left_out += [node] * _mentions(node, checks)
            case ast.FunctionDef():
                left_out += [each for each in node.decorator_list if _mentions(each, checks)]
    gone = {number for node in left_out for number in range(node.lineno, node.end_lineno + 1)}
    lines = source.splitlines()
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in gone).strip()


def _mentions(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(each, ast.Name) and each.id in names for each in ast.walk(node))
