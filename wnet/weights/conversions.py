"""Conversion of PyTorch Lightning's checkpoints, as AdaFace publishes them, to safetensors.

Such a file is a pickle, which could run any code. Here only tensors and plain containers are built;
every other object is replaced by an empty one, and none of its code runs.
"""

import pickle
import zipfile
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import save_file
from torch import Tensor

from wnet.files.atomic import atomic_write
from wnet.identity.adaface import depth_of

_PREFIX = "model."  # AdaFace's trainer holds the network as `model`, its classifier as `head`
_TRUSTED = {
    ("collections", "OrderedDict"),
    ("torch", "device"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch._utils", "_rebuild_tensor_v2"),
}


class _Inert:
    """Replaces any object that is not a weight."""

    def __init__(self, *args, **kwargs):
        pass

    def __setstate__(self, state):
        pass

    def __setitem__(self, key, value):
        pass

    def append(self, item):
        pass

    def extend(self, items):
        pass


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str):
        if (module, name) in _TRUSTED:
            return super().find_class(module, name)
        return _Inert


def convert(checkpoint: Path, target: Path) -> None:
    """Write the network's weights of a checkpoint as safetensors, always in the same bytes.

    Raises ValueError if the checkpoint holds no weights, or not those of a network of AdaFace.
    """
    content = _read(checkpoint)
    state = content.get("state_dict") if isinstance(content, dict) else None
    weights = {
        name.removeprefix(_PREFIX): value.detach().contiguous()
        for name, value in (state.items() if isinstance(state, dict) else ())
        if isinstance(name, str) and name.startswith(_PREFIX) and isinstance(value, Tensor)
    }
    if not weights:
        raise ValueError(f"{checkpoint}: no weights {_PREFIX}* in its state_dict")
    try:
        depth_of(weights)
    except ValueError as error:
        raise ValueError(f"{checkpoint}: not a checkpoint of AdaFace: {error}") from error
    with atomic_write(target) as part:
        save_file(weights, part)


def _read(checkpoint: Path):
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            scripted = any(Path(name).name == "constants.pkl" for name in archive.namelist())
    except zipfile.BadZipFile as error:
        raise ValueError(f"{checkpoint}: not a checkpoint of torch 1.6 or newer") from error
    if scripted:
        raise ValueError(f"{checkpoint}: a TorchScript program, not a checkpoint")
    inert = SimpleNamespace(Unpickler=_Unpickler, __name__=__name__)
    try:
        return torch.load(checkpoint, "cpu", inert, weights_only=False)
    except (pickle.UnpicklingError, EOFError, RuntimeError, AttributeError, TypeError) as error:
        raise ValueError(f"{checkpoint}: cannot be read: {str(error).splitlines()[0]}") from error
