"""Settings of the bootstrap intervals of scores."""

from typing import Annotated

from pydantic import Field

from wnet.settings import Seed, Settings


class Intervals(Settings):
    """How the intervals of mean differences are found: by the bootstrap over faces."""

    seed: Seed
    """Seed of the bootstrap for the intervals of mean differences, and of the faces drawn."""
    resamples: Annotated[int, Field(ge=100, le=1_000_000)]
    """Bootstrap resamples; 10,000 determine an interval's ends to 1 % of its width."""
