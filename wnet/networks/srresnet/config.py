"""SRResNet: its name and its settings."""

from wnet.networks.architecture import Architecture
from wnet.settings import Channels, Few

TITLE = "SRResNet"
ADVERSARIAL_TITLE = "SRGAN"


class Config(Architecture):
    """SRResNet's width and blocks."""

    width: Channels
    """Channels of every feature map: 64 in the paper."""
    blocks: Few
    """Residual blocks: 16 in the paper."""
