"""The networks by the names of their folders: each has a `config.py` and a `network.py`.

`config.py`, which imports no torch, holds `TITLE`, how the field writes the network's name, and
`Config`, its settings. `network.py` names its class `NETWORK`. No other file knows a network.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from wnet.networks.architecture import Architecture

if TYPE_CHECKING:
    from wnet.networks.network import Network


def names() -> list[str]:
    """Every network there is."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/config.py"))


def title_of(name: str) -> str:
    """How the field writes it; raises ValueError for a network that is not there."""
    return _module(name, "config").TITLE


def config_of(name: str) -> type[Architecture]:
    """The class of its settings; raises ValueError for a network that is not there."""
    return _module(name, "config").Config


def class_of(name: str) -> "type[Network]":
    """Its class; raises ValueError for a network that is not there."""
    return _module(name, "network").NETWORK


def build(name: str, config: Architecture, scale: int) -> "Network":
    """The network with fresh weights from torch's random state."""
    return class_of(name)(config, scale)


def _module(name: str, part: str):
    if name not in names():
        raise ValueError(f"{name!r} is no network; there are {', '.join(names())}")
    return import_module(f"wnet.networks.{name}.{part}")
