"""ArcFace (Deng et al., CVPR 2019)."""

from collections.abc import Callable, Mapping
from pathlib import Path

from wnet.identity.faces import IdentityNetwork

LICENCE = "ArcFace IR-SE-50 of facexlib (code MIT), trained on web photographs, for research"
LIBRARIES = ("facexlib", "opencv-python", "torch")
WEIGHTS = ("arcface",)


def load(files: Mapping[str, Path], device: Callable[[], str]) -> IdentityNetwork:
    """The network, from its file."""
    from wnet.identity.recognition import arcface

    return arcface(files["arcface"], device())
