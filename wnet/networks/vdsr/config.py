"""VDSR: its name and its settings."""

from typing import Annotated

from pydantic import Field

from wnet.networks.architecture import Architecture
from wnet.settings import Channels

TITLE = "VDSR"


class Config(Architecture):
    """VDSR's width and depth."""

    width: Channels
    """Channels between the convolutions: 64 in the paper."""
    depth: Annotated[int, Field(ge=2, le=256)]
    """Convolutions: 20 in the paper."""
