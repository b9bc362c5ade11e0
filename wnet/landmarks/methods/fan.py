"""FAN's landmarks (Bulat & Tzimiropoulos, ICCV 2017) in the boxes of a detector."""

from collections.abc import Mapping
from pathlib import Path

from wnet.landmarks.finder import Detector, Predictor

LICENCE = "2DFAN4 of face-alignment (code BSD 3-clause), trained on 300W-LP, for research"
LIBRARIES = ("face-alignment", "opencv-python", "torch")
GPU = True
WEIGHTS = ("fan",)
DETECTOR = "sfd"


def load(files: Mapping[str, Path], detector: Detector, device: str) -> Predictor:
    """Load the predictor from its file."""
    from wnet.landmarks.fan import FANLandmarks

    return FANLandmarks(files["fan"], detector.reference_scale, device)
