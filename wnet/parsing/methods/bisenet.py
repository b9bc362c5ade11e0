"""Parsing maps by BiSeNet, the paper's network."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wnet.parsing.bisenet import BiSeNetParser

LICENCE = "BiSeNet of facexlib (code MIT), trained on CelebAMask-HQ, for non-commercial research"
LIBRARIES = ("facexlib", "numpy", "opencv-python", "torch")
GPU = True
WEIGHTS = ("bisenet",)


def load(side: int, files: Mapping[str, Path], device: Callable[[], str]) -> "BiSeNetParser":
    """Load the parser, which enlarges faces to `side` x `side` pixels."""
    from wnet.parsing.bisenet import BiSeNetParser

    return BiSeNetParser(files["bisenet"], side, device())
