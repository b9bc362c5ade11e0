"""UFSRNet: its name and its settings."""

from typing import Annotated

from pydantic import Field

from wnet.networks.architecture import Architecture

TITLE = "UFSRNet"


class Config(Architecture):
    """UFSRNet's width."""

    width: Annotated[int, Field(ge=1, le=256)]
    """Channels at the HR size, 32 in the paper; twice as many at half of it, then four times."""

    def check(self, scale: int, lr_side: int) -> None:
        """As in Architecture; also raises ValueError unless the HR side is a multiple of 8 px."""
        super().check(scale, lr_side)
        if scale * lr_side % 8:
            raise ValueError(
                f"an HR side of {scale * lr_side} px ({scale} times {lr_side}) cannot be halved"
                " three times; possible: multiples of 8 px"
            )
