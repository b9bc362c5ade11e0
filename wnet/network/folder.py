"""A trained network as a folder: weights as safetensors, everything else as readable JSON."""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from wnet.network.config import WNetConfig
from wnet.network.wnet import WNet

WEIGHTS, CONFIG = "model.safetensors", "config.json"


def save_network(folder: Path, network: nn.Module, config: WNetConfig, made_by: dict) -> None:
    """Write weights and configuration; the same content always makes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()
    }
    save_file(weights, folder / WEIGHTS)
    record = {"network": asdict(config), "made_by": made_by}
    (folder / CONFIG).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def load_network(folder: Path, device: str) -> tuple[WNet, dict]:
    """The network in eval mode on the device, and the record of its making.

    Raises FileNotFoundError or ValueError naming the file that is absent or does not fit.
    """
    record = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    chosen = record["network"]
    config = WNetConfig(**chosen | {"decoder_factors": tuple(chosen["decoder_factors"])})
    network = WNet(config)
    try:
        network.load_state_dict(load_file(folder / WEIGHTS))
    except RuntimeError as error:
        raise ValueError(
            f"{folder / WEIGHTS}: not the weights of {CONFIG} beside it: {error}"
        ) from error
    return network.to(device).eval(), record


@torch.inference_mode()
def upscale(network: nn.Module, lr: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """SR and parsing map of (B, 3, r, r) faces, RGB 0 to 1, both clipped to that range."""
    sr, parsing = network(lr)
    return sr.clamp(0, 1), parsing.clamp(0, 1)
