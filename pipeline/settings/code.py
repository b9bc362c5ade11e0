"""The digest of the code that an item runs, which ignores comments and formatting.

A module's digest covers its syntax tree without docstrings, in which each import of this project is
replaced by the digest of the imported module. So a comment changes nothing, a file may be moved or
renamed, and a real edit of any module that is imported, directly or not, is never missed. Folders
that cannot change a result are left out (`HARNESS`). The digest is the same for every version of
Python that can parse the code.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path

PACKAGES = ("drawn", "pipeline", "wnet")
HARNESS = ("pipeline.harness", "pipeline.settings", "wnet.chosen", "wnet.files")
DECLARATIONS = "settings"  # modules of this name declare parameters, whose values are in the entry

Imports = tuple[ast.Import | ast.ImportFrom, ...]
Piece = str | Imports


class Code:
    """The project's modules below a folder, by their dotted names."""

    def __init__(self, root: Path):
        self._root = root
        self._digests: dict[str, str] = {}
        self._imports: dict[str, set[str]] = {}
        self._begun: list[str] = []

    def digest(self, modules: Iterable[str]) -> str:
        """The digest of all code that these modules run."""
        return _hashed(*(self._digest(module) for module in modules))

    def closure(self, modules: Iterable[str]) -> list[str]:
        """The modules and all that they import, directly or indirectly."""
        seen: set[str] = set()
        waiting = [module for module in modules if not _is_harness(module)]
        while waiting:
            module = waiting.pop()
            if module not in seen:
                seen.add(module)
                waiting.extend(self._imported(module) - seen)
        return sorted(seen)

    @cached_property
    def modules(self) -> dict[str, bytes]:
        """All modules of the project, with their sources."""
        return {
            _module(self._root, path): path.read_bytes()
            for package in PACKAGES
            for path in sorted((self._root / package).rglob("*.py"))
        }

    def _digest(self, module: str) -> str:
        if _is_harness(module):
            return "harness"
        if module not in self._digests:
            if module not in self.modules:
                raise ValueError(f"{module}: no such module below {self._root}")
            if module in self._begun:
                raise ValueError(f"circular import: {' > '.join([*self._begun, module])}")
            self._begun.append(module)
            text = "".join(map(self._text, _pieces(self.modules[module])))
            self._digests[module] = _hashed(text, *self._other_files(module))
            self._begun.pop()
        return self._digests[module]

    def _text(self, piece: Piece) -> str:
        """A piece of a module as text; consecutive imports are replaced by digests and sorted."""
        if isinstance(piece, str):
            return piece
        return "".join(sorted(name for node in piece for name in self._names(node)))

    def _names(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        """The names that an import binds, each with the digest of its module."""
        for alias, module in zip(node.names, self._sources(node), strict=True):
            name, origin = alias.asname or alias.name, getattr(node, "module", None)
            if module is None:
                yield f"(from {origin} import {alias.name} as {name})"
            else:
                whole = module in (alias.name, f"{origin}.{alias.name}")
                what = "" if whole else alias.name
                yield f"({what} as {name} of {self._digest(module)})"

    def _sources(self, node: ast.Import | ast.ImportFrom) -> list[str | None]:
        """For each name of an import, the module of the project that it comes from, or None."""
        if isinstance(node, ast.Import):
            return [alias.name if alias.name in self.modules else None for alias in node.names]
        if node.level:
            raise ValueError("relative imports are not supported; write the whole name")
        below = [f"{node.module}.{alias.name}" for alias in node.names]
        own = node.module if node.module in self.modules else None
        return [name if name in self.modules else own for name in below]

    def _imported(self, module: str) -> set[str]:
        """The modules of the project, outside the harness, that a module imports itself."""
        if module not in self._imports:
            pieces = _pieces(self.modules[module])
            nodes = (node for piece in pieces if not isinstance(piece, str) for node in piece)
            names = {name for node in nodes for name in self._sources(node) if name}
            self._imports[module] = {name for name in names if not _is_harness(name)}
        return self._imports[module]

    def _other_files(self, module: str) -> Iterator[str]:
        """Folders beside a module without Python files, such as templates, which belong to it."""
        folder = self._root.joinpath(*module.split(".")).parent
        for place in sorted(path for path in folder.iterdir() if path.is_dir()):
            if place.name != "__pycache__" and not any(place.rglob("*.py")):
                for path in sorted(path for path in place.rglob("*") if path.is_file()):
                    yield path.relative_to(folder).as_posix()
                    yield hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _pieces(source: bytes) -> tuple[Piece, ...]:
    """A module as pieces of text that depend only on what it does, and its imports."""
    pieces: list[Piece] = []
    for is_text, group in groupby(filter(None, _node(ast.parse(source))), _is_text):
        consecutive = [*group]
        pieces.extend(["".join(consecutive)] if is_text else consecutive)
    return tuple(pieces)


def _is_text(piece: Piece) -> bool:
    return isinstance(piece, str)


def _node(node: ast.AST) -> Iterator[Piece]:
    yield f"({type(node).__name__}"
    for field, value in ast.iter_fields(node):
        if value is None or value == [] or field in ("kind", "type_comment", "ctx"):
            continue
        yield f" {field}="
        if isinstance(value, list):
            yield from _list(_joined(value) if isinstance(node, ast.JoinedStr) else value)
        elif isinstance(value, ast.AST):
            yield from _node(value)
        else:
            yield repr(value)
    yield ")"


def _list(values: list) -> Iterator[Piece]:
    yield "["
    imports: list[ast.Import | ast.ImportFrom] = []
    for value in values:
        if isinstance(value, (ast.Import, ast.ImportFrom)):
            imports.append(value)
        elif not isinstance(value, ast.AST):
            yield f"{value!r},"
        elif not _does_nothing(value):
            yield tuple(imports)
            imports = []
            yield from _node(value)
    yield tuple(imports)
    yield "]"


def _joined(values: list[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string, without the empty strings that some Python versions insert."""
    return [v for v in values if not (isinstance(v, ast.Constant) and v.value == "")]


def _does_nothing(node: ast.AST) -> bool:
    """Whether a node has no effect: docstrings, also of fields, and `if TYPE_CHECKING:`."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    checking = isinstance(node, ast.If) and isinstance(node.test, ast.Name)
    return checking and node.test.id == "TYPE_CHECKING" and not node.orelse


def _is_harness(module: str) -> bool:
    inside = any(module == folder or module.startswith(f"{folder}.") for folder in HARNESS)
    return inside or module.endswith(f".{DECLARATIONS}")


def _module(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
