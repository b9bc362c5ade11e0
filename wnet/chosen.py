"""Parts that the settings choose by name: each is a module in a folder, without a list of them."""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal


def names(package: str) -> list[str]:
    """The names of the parts in a package (a dotted name), in alphabetical order."""
    folder = Path(import_module(package).__file__).parent
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def chosen(package: str, name: str) -> ModuleType:
    """The part with that name; raises ValueError if there is none."""
    known = names(package)
    if name not in known:
        raise ValueError(f"{name!r} is not one of {', '.join(known)}")
    return import_module(f"{package}.{name}")


def choice(package: str) -> Any:
    """The type of a setting that names a part of this package."""
    return Literal[tuple(names(package))]
