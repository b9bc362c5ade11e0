"""Settings of landmark detection."""

from typing import Annotated, Literal

from pydantic import Field

from wnet.chosen import choice
from wnet.settings import DISTINCT, LISTED, Settings


class Landmarks(Settings):
    """The landmark method and its detector."""

    landmarks: choice("wnet.landmarks.methods")
    """The landmark method, a file in wnet/landmarks/methods/; the paper uses `fan`, which needs
    weights."""
    detector: choice("wnet.landmarks.detectors") | None
    """The face detector, a file in wnet/landmarks/detectors/; empty means the method's own, `dlib`
    or `sfd`."""
    detector_score: Annotated[float, Field(ge=0, lt=1)]
    """The lowest score at which `sfd` and `yunet` report a face; not used with `dlib`, whose scores
    have another scale."""
    detection_side: Annotated[int, Field(ge=64, le=8192)]
    """Photographs with a longer side are reduced to this many pixels for the detector."""
    upsampling: Annotated[int, Field(ge=0, le=2)]
    """How many times the photograph is enlarged twofold and searched again if no face is found."""


class Looks(Settings):
    """How faces are searched for in a photograph."""

    faces: Literal["largest", "all"]
    """Which faces of a photograph are cropped: the annotated or else the `largest` one, or `all`,
    named `photo.jpg`, `photo.jpg#2` and so on by decreasing size."""
    turns: Annotated[
        tuple[Annotated[int, Field(ge=1, le=359)], ...], Field(max_length=16), LISTED, DISTINCT
    ]
    """Degrees by which a photograph is rotated counterclockwise for another try if no face is found
    or its landmarks are doubtful: 180 for upside-down photographs, 90 and 270 for sideways ones, 30
    and 330 for rolled faces."""
    max_instability: Annotated[float, Field(ge=0, le=1000)]
    """How far landmarks may move, as a multiple of the face's radius, when the detector's box is
    shifted by 7 %; the landmarks of a false detection follow the box. Not used with `fan`, nor if
    the score of dlib's detector is high."""
