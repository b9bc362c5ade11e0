"""Settings of cropping."""

from typing import Annotated, Literal

from pydantic import Field

from wnet.settings import Count, Settings

Rule = Literal["landmarks", "celeba_bbox", "dic_snippet_on_landmarks", "as_is", "centre"]
WHOLE = ("as_is", "centre")
"""Rules that treat a photograph as a face that is already cropped."""
Border = Literal["shift", "clip", "pad"]


class CropRule(Settings):
    """The square that is cropped around a face."""

    rule: Rule
    """`landmarks`: a square around the 68 points, by `extent` and `lift`. `celeba_bbox`: the DIC
    protocol, the central square of CelebA's official box, grown by `dic_expansion`
    (https://github.com/Maclory/Deep-Iterative-Collaboration/issues/28). `dic_snippet_on_landmarks`:
    the same around the box of the 68 points. `as_is`: the whole photograph, which must be square.
    `centre`: its largest central square, as for CelebA's aligned 178x218."""
    extent: Annotated[float, Field(ge=0.5, le=5)]
    """Side of the square, as a multiple of the longer side of the box around the points; 1.5 is the
    measured scale of the DIC test set."""
    lift: Annotated[float, Field(ge=-1, le=1)]
    """How far the square's centre is above the box's, as a multiple of the longer side of the
    box."""
    dic_expansion: Annotated[float, Field(ge=0, le=5)]
    """How much DIC's square is enlarged, as a fraction of its side."""
    border: Border
    """A square that extends beyond the photograph is moved inside (`shift`; padded if it is still
    too large), cut off (`clip`, no longer square, as DIC does), or filled with the nearest pixels
    (`pad`)."""

    @property
    def used(self) -> tuple[str, ...]:
        """The keys that decide the square under this rule."""
        if self.rule in WHOLE:
            return ("rule",)
        if self.rule == "landmarks":
            return "rule", "landmarks", "extent", "lift", "border"
        points = ("landmarks",) if self.rule == "dic_snippet_on_landmarks" else ()
        return "rule", *points, "dic_expansion", "border"


class Extraction(CropRule):
    """The crop rule and the criteria for rejection."""

    resolution: Annotated[int, Field(ge=32, le=1024, multiple_of=16)]
    """Side of the cropped HR face, in pixels."""
    min_side: Count | None
    """Smallest accepted side of the crop in the photograph, in pixels; empty means `resolution`, so
    that no face is enlarged. Enlarged faces are counted."""
    max_pixels: Annotated[int, Field(ge=1, le=1_000_000_000)]
    """Largest number of pixels of a photograph; a padded crop may have four times as many."""
    max_disagreement: Annotated[float, Field(ge=0.001, le=1000)]
    """Largest distance of the landmarks to CelebA's five points, as a multiple of the distance
    between the eyes."""

    @property
    def least_side(self) -> int:
        """The smallest accepted side of a crop in the photograph, in pixels."""
        return self.resolution if self.min_side is None else max(self.min_side, 1)
