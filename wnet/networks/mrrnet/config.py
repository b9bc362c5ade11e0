"""MRRNet: its name and its settings."""

from typing import Annotated

from pydantic import Field

from wnet.networks.architecture import Architecture
from wnet.settings import Channels, Few

TITLE = "MRRNet"

SMALLEST_SIDE = 32
"""The smallest HR side, in pixels: a kernel of 7 reflects 3 pixels of maps an eighth as large."""


class Config(Architecture):
    """MRRNet's widths and blocks, and its discriminator's width."""

    width: Annotated[int, Field(ge=4, le=256, multiple_of=4)]
    """Channels at the HR size; twice as many at half of it, four times at a quarter and below."""
    blocks: Few
    """Residual units at an eighth of the HR size, between three down and three up."""
    discriminator_width: Channels
    """Channels of the discriminator's first convolution; each of three more doubles them."""

    def check(self, scale: int, lr_side: int) -> None:
        """As in Architecture; also raises ValueError for HR faces that cannot be halved thrice."""
        super().check(scale, lr_side)
        side = scale * lr_side
        if side % 8 or side < SMALLEST_SIDE:
            raise ValueError(
                f"an HR side of {side} px is no multiple of 8 from {SMALLEST_SIDE} on, which"
                " MRRNet's three halvings need"
            )
