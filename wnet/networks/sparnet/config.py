"""SPARNet: its name and its settings."""

from typing import Literal

from wnet.networks.architecture import Architecture
from wnet.settings import Channels, Few

TITLE = "SPARNet"


class Config(Architecture):
    """SPARNet's width, blocks and kind of attention."""

    width: Channels
    """Channels at the HR size, 32 in the paper; twice as many at half of it, then four times."""
    blocks: Few
    """Face attention units at an eighth of the HR size: 10 in the paper, 1 in its light network."""
    attention: Literal["2d", "3d"]
    """`2d`: one weight per pixel; `3d`, as in the light network: one per pixel and channel."""

    def check(self, scale: int, lr_side: int) -> None:
        """As in Architecture; also raises ValueError unless the HR side is 64, 96, 128, ... px."""
        super().check(scale, lr_side)
        side = scale * lr_side
        if side < 64 or side % 32:
            raise ValueError(
                f"an HR side of {side} px ({scale} times {lr_side}) cannot be halved five times to"
                " 2 px or more; possible: 64, 96, 128, ... px"
            )
