"""Parts that settings choose by name: each is a module of a folder, and no other file names it."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from pydantic import AfterValidator


def names(package: str) -> list[str]:
    """The parts in a package (given with dots), in alphabetical order."""
    folder = Path(import_module(package).__file__).parent
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def chosen(package: str, name: str) -> ModuleType:
    """The part of that name; raises ValueError where there is none."""
    return import_module(f"{package}.{_known(package, name)}")


def choice(package: str) -> AfterValidator:
    """Of a setting that names a part of this package."""
    return AfterValidator(lambda name: _known(package, name))


def _known(package: str, name: str) -> str:
    known = names(package)
    if name not in known:
        raise ValueError(f"{name!r} is not one of {', '.join(known)}")
    return name
