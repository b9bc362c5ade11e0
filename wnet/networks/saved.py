"""Loading of saved networks of any kind."""

from pathlib import Path

from wnet.networks.by_name import class_of, names
from wnet.networks.network import RECORD, Network, read_record


def load(folder: Path, device: str) -> Network:
    """Load the network of a saved folder, in eval mode, to the device.

    Raises FileNotFoundError or ValueError naming the file that is missing or does not fit.
    """
    name = read_record(folder)["network"]
    if name not in names():
        raise ValueError(f"{folder / RECORD}: network {name!r} is not one of this version")
    return class_of(name).from_pretrained(folder, device)
