"""WFEN: its name and its settings."""

from typing import Annotated

from pydantic import Field

from wnet.networks.architecture import Architecture
from wnet.settings import Few

TITLE = "WFEN"


class Config(Architecture):
    """WFEN's width and blocks."""

    width: Annotated[int, Field(ge=4, le=256, multiple_of=4)]
    """Channels at the HR size, 40 in the paper; twice as many at half of it, then four times."""
    blocks: Few
    """Transformers at an eighth of the HR size: 6 in the paper."""

    def check(self, scale: int, lr_side: int) -> None:
        """As in Architecture; also raises ValueError unless the HR side is a multiple of 32 px."""
        super().check(scale, lr_side)
        if scale * lr_side % 32:
            raise ValueError(
                f"an HR side of {scale * lr_side} px ({scale} times {lr_side}) has no windows of"
                " 8 px at a quarter of its size; possible: multiples of 32 px"
            )
