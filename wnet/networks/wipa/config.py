"""WIPA: its name and its settings."""

from typing import Annotated

from pydantic import Field

from wnet.networks.architecture import Architecture
from wnet.settings import Channels

TITLE = "WIPA"


class Config(Architecture):
    """WIPA's width and its discriminator's; the number of blocks follows from the scale."""

    width: Channels
    """Channels of every feature map."""
    discriminator_width: Annotated[int, Field(ge=1, le=128)]
    """Channels of the discriminator's first convolution; each of three more doubles them."""

    def check(self, scale: int, lr_side: int) -> None:
        """As in Architecture; also raises ValueError for HR sides its discriminator cannot use."""
        super().check(scale, lr_side)
        side = scale * lr_side
        if side % 16:
            raise ValueError(
                f"an HR side of {side} px is no multiple of 16, which the four halvings of WIPA's"
                " discriminator need"
            )
