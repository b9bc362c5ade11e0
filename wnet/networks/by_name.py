"""The networks, by the names of their folders; each has a `config.py` and a `network.py`.

`config.py`, which imports no torch, defines `TITLE`, the network's name as usually written, and
`Config`, its settings; `ADVERSARIAL_TITLE` if it has another name when trained with a
discriminator. `network.py` assigns its class to `NETWORK`. No other file names a network.

A network with more than a pixel loss also has an `objective.py`, whose `load` makes the objective
(`wnet.training.objective`), and a `settings.py` with `Loss`, its weights, which imports no torch.
All others use `wnet.training.pixels`.
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
    """The names of all networks."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/config.py"))


def title_of(name: str, adversarial: bool = False) -> str:
    """The network's name as usually written; raises ValueError for an unknown network.

    adversarial: trained with a discriminator, as an SRResNet that is called SRGAN.
    """
    config = _module(name, "config")
    return getattr(config, "ADVERSARIAL_TITLE", config.TITLE) if adversarial else config.TITLE


def config_of(name: str) -> type[Architecture]:
    """The class of its settings; raises ValueError for an unknown network."""
    return _module(name, "config").Config


def class_of(name: str) -> "type[Network]":
    """Its class; raises ValueError for an unknown network."""
    return _module(name, "network").NETWORK


def build(name: str, config: Architecture, scale: int) -> "Network":
    """The network with initial weights from torch's random state."""
    return class_of(name)(config, scale)


def loss_of(name: str) -> type[Settings]:
    """The class of the settings of its loss."""
    return import_module(_own(name, "settings") or "wnet.training.settings").Loss


def objective_module(name: str) -> str:
    """The dotted name of the module of its objective."""
    return _own(name, "objective") or "wnet.training.pixels"


def objective_of(
    name: str,
    config: Architecture,
    loss: Settings,
    scale: int,
    side: int,
    files: Mapping[str, Path],
) -> "Objective":
    """The objective of a network; a discriminator gets initial weights from torch's random state.

    loss: of the class `loss_of(name)`. side: of HR faces, in pixels. files: pretrained weights, by
    the keys in `loss.files()`.
    """
    return import_module(objective_module(name)).load(loss, config, scale, side, files)


def _own(name: str, part: str) -> str | None:
    here = Path(__file__).parent / name / f"{part}.py"
    return f"wnet.networks.{name}.{part}" if here.exists() else None


def _module(name: str, part: str):
    if name not in names():
        raise ValueError(f"{name!r} is not a network; available: {', '.join(names())}")
    return import_module(f"wnet.networks.{name}.{part}")
