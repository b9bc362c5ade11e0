"""AdaFace (Kim, Jain, Liu, CVPR 2022)."""

from collections.abc import Callable, Mapping
from pathlib import Path

from wnet.identity.faces import IdentityNetwork

LICENCE = "AdaFace (code MIT), trained on web photographs, for research"
LIBRARIES = ("opencv-python", "torch")
WEIGHTS = ("adaface",)


def load(files: Mapping[str, Path], device: Callable[[], str]) -> IdentityNetwork:
    """The network, from its file."""
    from wnet.identity.recognition import adaface

    return adaface(files["adaface"], device())
