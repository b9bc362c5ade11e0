"""How landmarks are found: what settings choose of it."""

from typing import Annotated

from pydantic import Field

from wnet.chosen import choice
from wnet.settings import Settings


class Landmarks(Settings):
    """How 68 landmarks are found."""

    landmarks: choice("wnet.landmarks.methods")
    """The method, a file of wnet/landmarks/methods/; the paper's is `fan`, which needs weights."""
    fan_detector: choice("wnet.landmarks.detectors")
    """What finds the boxes for `fan`, a file of wnet/landmarks/detectors/."""
    fan_score: Annotated[float, Field(ge=0, lt=1)]
    """The least score of a box that `fan` takes for a face."""
    detection_side: Annotated[int, Field(ge=64, le=8192)]
    """Longer photographs are shrunk to this many pixels for the detector."""
    upsampling: Annotated[int, Field(ge=0, le=2)]
    """How often the detector looks again, in a picture twice as large, where it finds no face."""
