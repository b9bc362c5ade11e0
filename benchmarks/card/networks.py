"""Networks of evaluation: faces in batches compared with faces one by one. Weights are random.

Only the definitions are loaded, since their packages require more than a bare machine has.
"""

import sys
import warnings
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

from card.clock import seconds
from card.part import Card, Row, attempts
from wnet.identity.adaface import IResNet
from wnet.training.vgg import CONV5_4, VGGFeatures

PART = "networks"
FACES = 32


def rows(card: Card) -> Iterator[Row]:
    """Faces per second of each network, at its input size."""
    small = card.reduced
    jobs = [
        ("FAN", lambda: _rates(card, _fan(1 if small else 4), 64 if small else 256)),
        ("BiSeNet", lambda: _rates(card, _bisenet(), 64 if small else 512)),
        ("S3FD", lambda: _rates(card, _s3fd(), 64 if small else 256)),
        ("IR-50", lambda: _rates(card, IResNet(18 if small else 50), 112)),
        ("LPIPS alex", lambda: _rates(card, _Pairs(_lpips()), 64 if small else 128)),
        ("VGG-19", lambda: _rates(card, VGGFeatures(19, CONV5_4), 32 if small else 128)),
    ]
    yield from attempts(card, PART, jobs)


def _rates(card: Card, network: nn.Module, side: int) -> dict:
    network = network.to(card.device).eval()
    faces = torch.rand(2 if card.reduced else FACES, 3, side, side, device=card.device)

    def together() -> Tensor:
        return _first(network(faces))

    def alone() -> Tensor:
        return torch.cat([_first(network(face[None])) for face in faces])

    with torch.inference_mode():
        both = together(), alone()
        difference = (both[0] - both[1]).abs().max() / both[1].abs().max()
        rates = [len(faces) / seconds(way, card.device, card.reduced) for way in (together, alone)]
    figures = {"px": side, "together faces/s": rates[0], "one by one": rates[1]}
    return figures | {"ratio": rates[0] / rates[1], "largest difference": difference.item()}


def _first(given: Tensor | list[Tensor] | tuple[Tensor, ...]) -> Tensor:
    return given if isinstance(given, Tensor) else given[0]


class _Pairs(nn.Module):
    """LPIPS between faces and the same faces upside down."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, faces: Tensor) -> Tensor:
        return self.network(faces, faces.flip(2))


def _fan(stacks: int) -> nn.Module:
    return _definitions("face_alignment", "face_alignment.models.fan").FAN(stacks)


def _s3fd() -> nn.Module:
    return _definitions("face_alignment", "face_alignment.detection.sfd.net_s3fd").s3fd()


def _bisenet() -> nn.Module:
    return _definitions("facexlib", "facexlib.parsing.bisenet").BiSeNet(num_class=19)


def _lpips() -> nn.Module:
    definitions = _definitions("lpips", "lpips.lpips")
    # what its network imports from the package's __init__
    sys.modules["lpips"].normalize_tensor = partial(nn.functional.normalize, eps=1e-10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses the API of torchvision of 2021
        return definitions.LPIPS(net="alex", pnet_rand=True, pretrained=False, verbose=False)


def _definitions(package: str, module: str) -> ModuleType:
    """Import a module of an installed package without running the `__init__` of the package.

    Raises ModuleNotFoundError if the package is not installed.
    """
    found = find_spec(package)
    if found is None:
        raise ModuleNotFoundError(f"{package} is not installed")
    folder = Path(found.origin).parent
    names = module.split(".")[:-1]
    for depth, name in enumerate(names):
        around = ModuleType(".".join(names[: depth + 1]))
        folder = folder / name if depth else folder
        around.__path__ = [str(folder)]
        around.__spec__ = found  # so that the package is found again
        sys.modules[around.__name__] = around
    return import_module(module)
