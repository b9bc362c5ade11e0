"""The base class of all networks: settings, scale, saving to a folder and loading from it."""

import json
from pathlib import Path

import torch
from pydantic import ValidationError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from wnet.files.atomic import atomic_write, writing
from wnet.networks.architecture import Architecture
from wnet.networks.by_name import config_of, title_of

WEIGHTS, RECORD, CARD = "model.safetensors", "config.json", "README.md"
KEYS = {"network", "scale", "config"}


class Network(nn.Module):
    """A network from LR faces (B, 3, r, r), RGB 0 to 1, to its estimates, by name.

    They include `sr` (B, 3, R, R), and `parsing` (B, 1 or 3, r, r), a skin map, if the network
    estimates one. A folder holds the weights as safetensors and the rest as readable JSON.
    """

    def __init__(self, config: Architecture, scale: int) -> None:
        super().__init__()
        self.config, self.scale = config, scale

    @classmethod
    def kind(cls) -> str:
        """The name of this network in params.yaml and saved folders: that of its folder."""
        return cls.__module__.split(".")[-2]

    @classmethod
    def from_pretrained(cls, folder: str | Path, device: str = "cpu") -> "Network":
        """Load a network from a saved folder, in eval mode, to the device; downloads nothing.

        Raises FileNotFoundError or ValueError naming the file that is missing or does not fit.
        """
        folder = Path(folder)
        record = read_record(folder)
        if record["network"] != cls.kind():
            raise ValueError(f"{folder / RECORD}: is of {record['network']}, not of {cls.kind()}")
        try:
            config = config_of(cls.kind())(**record["config"])
        except ValidationError as error:
            raise ValueError(f"{folder / RECORD}: not settings of {cls.kind()}: {error}") from error
        network = cls(config, record["scale"])
        try:
            network.load_state_dict(load_file(folder / WEIGHTS))
        except RuntimeError as error:
            raise ValueError(
                f"{folder / WEIGHTS}: not the weights of {RECORD} beside it: {error}"
            ) from error
        return network.to(device).eval()

    def save_pretrained(self, folder: str | Path, card: str | None = None) -> None:
        """Write weights, settings and a model card; equal content always gives equal bytes.

        card: Markdown with a YAML header, as on Hugging Face. Without it, an existing README.md is
        kept, or one is written that names the kind of network.
        """
        folder = Path(folder)
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        weights = {k: v.detach().cpu().contiguous() for k, v in self.state_dict().items()}
        content = save(weights)
        with atomic_write(folder / WEIGHTS, len(content)) as part:
            part.write_bytes(content)
        known = config_of(self.kind()).model_fields  # a run's settings also name the network
        record = {
            "network": self.kind(),
            "scale": self.scale,
            "config": self.config.model_dump(mode="json", include=set(known)),
        }
        with atomic_write(folder / RECORD) as part:
            part.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        if card is not None or not (folder / CARD).exists():
            with atomic_write(folder / CARD) as part:
                part.write_text(card or self._card(), encoding="utf-8")

    def _card(self) -> str:
        lines = ("---", "library_name: pytorch", "pipeline_tag: image-to-image", "---", "")
        return "\n".join((*lines, f"{title_of(self.kind())}, which enlarges {self.scale} times.\n"))


def read_record(folder: Path) -> dict:
    """Read `network`, `scale` and `config` of a saved folder.

    Raises FileNotFoundError or ValueError naming the file.
    """
    path = folder / RECORD
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: not there; a network is loaded from a folder, not by name"
        )
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    if not isinstance(record, dict) or not record.keys() >= KEYS:
        raise ValueError(f"{path}: not the record of a network that this version has saved")
    return record


@torch.inference_mode()
def upscale(network: nn.Module, lr: Tensor) -> tuple[Tensor, Tensor | None]:
    """SR faces and parsing map (None if there is none) of LR faces, both clipped to 0 to 1."""
    made = network(lr)
    return made["sr"].clamp(0, 1), made["parsing"].clamp(0, 1) if "parsing" in made else None
