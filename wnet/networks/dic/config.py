"""DIC: its name and its settings."""

from typing import Annotated

from pydantic import Field

from wnet.networks.architecture import Architecture
from wnet.settings import LISTED, Channels, Few

TITLE = "DIC"
ADVERSARIAL_TITLE = "DICGAN"

PARTS = ((36, 42), (42, 48), (27, 36), (48, 68), (0, 27))
"""The ranges of landmarks that have their own attention: eyes, nose, mouth, rest.

The rest is the jaw and the brows.
"""
WORKING_SHARE = 4  # factor by which features and heatmaps are smaller than the HR face


class Config(Architecture):
    """DIC's widths, blocks and steps, and the widths of DICGAN's discriminator."""

    width: Annotated[int, Field(ge=1, le=512)]
    """Channels of the feature maps outside the hourglass."""
    groups: Few
    """Up- and downsampling pairs of a feedback block."""
    steps: Annotated[int, Field(ge=2, le=16)]
    """How many times the face is estimated, each time with the previous landmarks."""
    fusion_blocks: Few
    """Residual blocks for the features of each of the five parts of a face."""
    hourglass_width: Annotated[int, Field(ge=4, le=512, multiple_of=4)]
    """Channels of the landmarks' features; the hourglass itself has twice as many."""
    hourglass_depth: Annotated[int, Field(ge=1, le=6)]
    """Halvings inside the hourglass."""
    discriminator_channels: Annotated[tuple[Channels, Channels, Channels, Channels], LISTED]
    """Channels before each of the discriminator's four halvings: 48, 96, 192, 128 in LightCNN-9."""

    def check(self, scale: int, lr_side: int) -> None:
        """As in Architecture; also raises ValueError for scales other than 4 and 8,

        and for HR faces that its hourglass and its discriminator cannot halve.
        """
        super().check(scale, lr_side)
        if scale not in (4, 8):
            raise ValueError(f"DIC enlarges 4 or 8 times, not {scale} times")
        side, multiple = scale * lr_side, WORKING_SHARE * 2 ** max(2, self.hourglass_depth)
        if side % multiple:
            raise ValueError(
                f"an HR side of {side} px is no multiple of {multiple}: DIC works at a fourth of"
                f" it, and halves that hourglass_depth = {self.hourglass_depth} times"
            )
