"""Settings of how LR training faces are degraded."""

from typing import Annotated

from pydantic import AfterValidator, Field

from wnet.settings import LISTED, Settings, Share


def _ordered(values: tuple) -> tuple:
    if values[0] > values[1]:
        raise ValueError("the first of the two may not be larger than the second")
    return values


ORDERED = AfterValidator(_ordered)
Blur = Annotated[float, Field(ge=0, le=4)]
Noise = Annotated[float, Field(ge=0, le=64)]
Quality = Annotated[int, Field(ge=5, le=100)]


class Degrade(Settings):
    """How LR training faces are degraded: blurred, then noisy, then compressed.

    Each face of each epoch has its own strengths, drawn evenly from the ranges.
    """

    share: Share
    """Share of the faces that are degraded; 0 leaves all of them clean, as in the paper. Validation
    faces are degraded alike, the same way in each epoch."""
    blur: Annotated[tuple[Blur, Blur], LISTED, ORDERED]
    """Standard deviation of a Gaussian blur, in LR pixels: from, to."""
    noise: Annotated[tuple[Noise, Noise], LISTED, ORDERED]
    """Standard deviation of Gaussian noise, in levels of 255: from, to."""
    jpeg: Annotated[tuple[Quality, Quality], LISTED, ORDERED]
    """Quality of a JPEG with halved chroma, whose blocks begin anywhere: from, to."""
