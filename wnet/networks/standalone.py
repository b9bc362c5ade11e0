"""The head of the exported file of `one_file`: loads a network with torch and safetensors only.

It replaces `wnet.settings` and `wnet.networks.network` there.
"""

import json
from pathlib import Path

from safetensors.torch import load_file
from torch import nn


class Settings:
    """The settings of a network from its config.json, validated when it was saved."""

    def __init__(self, **values: object) -> None:
        tuples = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
        vars(self).update(values | tuples)


class Network(nn.Module):
    """A network from LR faces (B, 3, H, W), RGB 0 to 1, to its estimates, by name.

    They include `sr` (B, 3, scale * H, scale * W), which is not clamped to 0 to 1.
    """

    Config = Settings

    def __init__(self, config: Settings, scale: int) -> None:
        super().__init__()
        self.config, self.scale = config, scale

    @classmethod
    def from_pretrained(cls, folder: str | Path, device: str = "cpu") -> "Network":
        """Load the network of a folder, in eval mode, to the device. Downloads nothing."""
        folder = Path(folder)
        record = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        network = cls(cls.Config(**record["config"]), record["scale"])
        network.load_state_dict(load_file(folder / "model.safetensors"))
        return network.to(device).eval()
