"""What every network here has: a configuration, and a folder to be saved to and loaded from."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn

from wnet.files.whole import writing, written_whole

WEIGHTS, RECORD = "model.safetensors", "config.json"


class Network(nn.Module):
    """A map from LR faces (B, 3, r, r), RGB 0 to 1, to SR faces (B, 3, R, R) and a parsing map.

    The parsing map is (B, parsing_channels, r, r), or None where the network estimates none. A
    folder holds the weights as safetensors and all else as readable JSON.
    """

    config_class: ClassVar[type]

    def __init__(self, config) -> None:
        super().__init__()
        self.config = config

    @classmethod
    def kind(cls) -> str:
        """The name that params.yaml and saved folders know this network by."""
        return cls.__name__.lower()

    @classmethod
    def from_pretrained(cls, folder: str | Path, device: str = "cpu") -> "Network":
        """The network of a saved folder, in eval mode on the device.

        Raises FileNotFoundError or ValueError naming the file that is absent or does not fit.
        """
        folder = Path(folder)
        record = read_record(folder)
        if record["network"] != cls.kind():
            raise ValueError(f"{folder / RECORD}: is of {record['network']}, not of {cls.kind()}")
        chosen = {k: tuple(v) if isinstance(v, list) else v for k, v in record["config"].items()}
        network = cls(cls.config_class(**chosen))
        try:
            network.load_state_dict(load_file(folder / WEIGHTS))
        except RuntimeError as error:
            raise ValueError(
                f"{folder / WEIGHTS}: not the weights of {RECORD} beside it: {error}"
            ) from error
        return network.to(device).eval()

    def save_pretrained(self, folder: Path, made_by: dict) -> None:
        """Write weights and configuration; the same content always makes the same bytes."""
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        weights = {k: v.detach().cpu().contiguous() for k, v in self.state_dict().items()}
        content = save(weights)
        with written_whole(folder / WEIGHTS, len(content)) as part:
            part.write_bytes(content)
        record = {"network": self.kind(), "config": asdict(self.config), "made_by": made_by}
        with written_whole(folder / RECORD) as part:
            part.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def read_record(folder: Path) -> dict:
    """What a saved folder says of its network: `network`, `config` and `made_by`.

    Raises FileNotFoundError or ValueError naming the file.
    """
    path = folder / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    if not isinstance(record, dict) or not {"network", "config", "made_by"} <= record.keys():
        raise ValueError(f"{path}: not the record of a network that this version has saved")
    return record


@torch.inference_mode()
def upscale(network: nn.Module, lr: Tensor) -> tuple[Tensor, Tensor | None]:
    """SR and parsing map (None where there is none) of LR faces, both clipped to 0 to 1."""
    sr, parsing = network(lr)
    return sr.clamp(0, 1), None if parsing is None else parsing.clamp(0, 1)
