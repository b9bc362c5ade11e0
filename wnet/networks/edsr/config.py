"""EDSR: its name and its settings."""

from typing import Annotated

from pydantic import Field

from wnet.networks.architecture import Architecture
from wnet.settings import Channels, Few

TITLE = "EDSR"


class Config(Architecture):
    """EDSR's width, blocks and scale of their residuals."""

    width: Channels
    """Channels of every feature map: 64 in EDSR-baseline, 256 in EDSR."""
    blocks: Few
    """Residual blocks: 16 in EDSR-baseline, 32 in EDSR."""
    residual_scale: Annotated[float, Field(ge=0.001, le=1)]
    """Factor of a block's residual: 1 in EDSR-baseline, 0.1 in EDSR."""
