"""SISN: its name and its settings."""

from wnet.networks.architecture import Architecture
from wnet.settings import Channels, Few

TITLE = "SISN"


class Config(Architecture):
    """SISN's width, groups and blocks."""

    width: Channels
    """Channels of every feature map: 64 in the paper."""
    groups: Few
    """Groups of attention blocks: 10 in the paper."""
    blocks: Few
    """Attention blocks in series in a group, which has one more in parallel: 10 in the paper."""
