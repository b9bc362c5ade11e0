"""The networks by the names of their folders: each has a `config.py` and a `network.py`.

`config.py`, which imports no torch, holds `TITLE`, how the field writes the network's name, and
`Config`, its settings. `network.py` names its class `NETWORK`. No other file knows a network.

One that learns by more than its pixels also has an `objective.py`, whose `load` makes the objective
(`wnet.training.objective`), and a `settings.py` with `Loss`, what it weighs, without torch. All
others learn by `wnet.training.pixels`.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from wnet.networks.architecture import Architecture
from wnet.settings import Settings

if TYPE_CHECKING:
    from wnet.networks.network import Network
    from wnet.training.objective import Objective


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


def loss_of(name: str) -> type[Settings]:
    """The class of what its objective weighs."""
    return import_module(_own(name, "settings") or "wnet.training.settings").Loss


def objective_module(name: str) -> str:
    """The module of its objective, with dots."""
    return _own(name, "objective") or "wnet.training.pixels"


def objective_of(
    name: str,
    config: Architecture,
    loss: Settings,
    scale: int,
    side: int,
    files: Mapping[str, Path],
) -> "Objective":
    """What a network learns by; a discriminator has fresh weights from torch's random state.

    loss: of the class that `loss_of` gives. side: of HR faces, in pixels. files: of pretrained
    weights, by the roles that `loss.files()` names.
    """
    return import_module(objective_module(name)).load(loss, config, scale, side, files)


def _own(name: str, part: str) -> str | None:
    here = Path(__file__).parent / name / f"{part}.py"
    return f"wnet.networks.{name}.{part}" if here.exists() else None


def _module(name: str, part: str):
    if name not in names():
        raise ValueError(f"{name!r} is not a network; there are {', '.join(names())}")
    return import_module(f"wnet.networks.{name}.{part}")
