"""The identity network that `reference` names."""

from typing import Protocol

import numpy as np

from pipeline.harness import environment
from pipeline.settings import schema
from wnet.files.weights import verified

LIBRARIES = {
    "dlib": ("dlib-bin", "face-recognition-models"),
    "arcface": ("facexlib", "opencv-python", "torch"),
    "adaface": ("opencv-python", "torch"),
}
"""What results depend on besides the weights."""


class IdentityNetwork(Protocol):
    """What embeds faces."""

    def embed(self, images: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Rows (N, D) of length 1 of (N, H, W, 3) uint8 RGB faces with 68 landmarks (N, 68, 2)."""
        ...


def identity_network(settings: schema.Reference, weights: schema.Weights) -> IdentityNetwork:
    """The network, loaded; raises MissingWeights."""
    match settings.identity:
        case "dlib":
            from wnet.identity.dlib import DlibIdentity

            return DlibIdentity()
        case "arcface":
            from wnet.identity.recognition import arcface

            return arcface(verified(weights.arcface.weights_file()), environment.device())
        case "adaface":
            from wnet.identity.recognition import adaface

            return adaface(verified(weights.adaface.weights_file()), environment.device())


def digest(settings: schema.Reference, weights: schema.Weights) -> dict[str, str]:
    """The SHA-256 of the weights; dlib's come with a package."""
    if settings.identity == "dlib":
        return {}
    return {settings.identity: getattr(weights, settings.identity).sha256}
