"""Which networks there are: W-Net, and what it is compared with."""

from pathlib import Path

from wnet.networks.baselines import EDSR, SRCNN, VDSR
from wnet.networks.config import EDSRConfig, NetworkConfig, SRCNNConfig, VDSRConfig, WNetConfig
from wnet.networks.network import RECORD, Network, read_record, upscale
from wnet.networks.wnet.network import WNet

__all__ = ["build", "load_network", "upscale"]


def build(config: NetworkConfig) -> Network:
    """The network of a configuration, with fresh weights from torch's random state."""
    match config:
        case WNetConfig():
            return WNet(config)
        case SRCNNConfig():
            return SRCNN(config)
        case VDSRConfig():
            return VDSR(config)
        case EDSRConfig():
            return EDSR(config)


def load_network(folder: Path, device: str) -> tuple[Network, dict]:
    """The network of a saved folder, in eval mode on the device, and the record beside it.

    Raises FileNotFoundError or ValueError naming the file that is absent or does not fit.
    """
    record = read_record(folder)
    for kind in (WNet, SRCNN, VDSR, EDSR):
        if kind.kind() == record["network"]:
            return kind.from_pretrained(folder, device), record
    raise ValueError(f"{folder / RECORD}: network {record['network']!r} is not one of this version")
