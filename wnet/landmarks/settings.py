"""How landmarks are found: what settings choose of it."""

from typing import Annotated, Literal

from pydantic import Field

from wnet.chosen import choice
from wnet.settings import DISTINCT, LISTED, Settings


class Landmarks(Settings):
    """How 68 landmarks are found."""

    landmarks: choice("wnet.landmarks.methods")
    """The method, a file of wnet/landmarks/methods/; the paper's is `fan`, which needs weights."""
    detector: choice("wnet.landmarks.detectors") | None
    """What finds the faces, a file of wnet/landmarks/detectors/; empty is the method's own, `dlib`
    or `sfd`."""
    detector_score: Annotated[float, Field(ge=0, lt=1)]
    """The lowest score of a face that `sfd` and `yunet` report; `dlib` has a scale of its own."""
    detection_side: Annotated[int, Field(ge=64, le=8192)]
    """Longer photographs are shrunk to this many pixels for the detector."""
    upsampling: Annotated[int, Field(ge=0, le=2)]
    """How often the detector looks again, in a picture twice as large, where it finds no face."""


class Looks(Settings):
    """How the faces of a photograph are looked for."""

    faces: Literal["largest", "all"]
    """Which faces of a photograph are taken: the annotated or else the `largest`, or `all` of them,
    which are then called `photo.jpg`, `photo.jpg#2` and so on, by size."""
    turns: Annotated[
        tuple[Annotated[int, Field(ge=1, le=359)], ...], Field(max_length=16), LISTED, DISTINCT
    ]
    """By how many degrees, counterclockwise, a photograph is turned to look again where no face is
    found or its landmarks are not quite clear: 180 for those upside down, 90 and 270 for those on
    their side, 30 and 330 for rolled faces."""
    max_instability: Annotated[float, Field(ge=0, le=1000)]
    """How far, in radii of a face, its landmarks may move when the detector's box is moved by 7 %;
    those of no face, or of a turned one, follow the box. Not asked of `fan`, nor where dlib's
    detector is sure."""
