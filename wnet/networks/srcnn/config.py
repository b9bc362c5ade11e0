"""SRCNN: its name and its settings."""

from typing import Annotated

from pydantic import AfterValidator, Field

from wnet.networks.architecture import Architecture
from wnet.settings import LISTED, Channels

TITLE = "SRCNN"


def _odd(kernel: int) -> int:
    if kernel % 2 == 0:
        raise ValueError(f"{kernel} is even: only an odd kernel keeps the size of a map")
    return kernel


Kernel = Annotated[int, Field(ge=1, le=63), AfterValidator(_odd)]


class Config(Architecture):
    """SRCNN's kernels and channels."""

    kernels: Annotated[tuple[Kernel, Kernel, Kernel], LISTED]
    """Odd sides of the three convolutions' kernels: 9, 1, 5 or 9, 5, 5 in the paper."""
    channels: Annotated[tuple[Channels, Channels], LISTED]
    """Channels after the first and the second convolution: 64 and 32 in the paper."""
