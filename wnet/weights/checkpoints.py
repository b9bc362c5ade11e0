"""Loading of weights: nothing in a file is executed, and all weights must fit."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn


def read_state(path: Path) -> dict[str, Tensor]:
    """Weights by name, on the CPU, from safetensors or from torch.save of a state dict.

    Raises ValueError for a file that holds anything else.
    """
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, EOFError, RuntimeError) as error:
        raise ValueError(
            f"{path}: not a file of only weights: {str(error).splitlines()[0]}"
        ) from error
    if not isinstance(state, Mapping) or not all(isinstance(v, Tensor) for v in state.values()):
        raise ValueError(f"{path}: not a mapping of names to weights")
    return dict(state)


def part(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The weights whose names begin with the prefix, by their names without it."""
    return {
        name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)
    }


def fill(network: nn.Module, state: Mapping[str, Tensor], path: Path) -> nn.Module:
    """Load the weights into the network, and put it into eval mode.

    Raises ValueError naming the first weights that are missing, unknown or of another shape.
    """
    own = network.state_dict()
    problems = [
        *(f"{name} is missing" for name in own.keys() - state.keys()),
        *(f"{name} is not known" for name in state.keys() - own.keys()),
        *(
            f"{name} is {tuple(state[name].shape)}, not {tuple(own[name].shape)}"
            for name in own.keys() & state.keys()
            if state[name].shape != own[name].shape
        ),
    ]
    if problems:
        more = f", and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise ValueError(
            f"{path}: not the weights of {type(network).__name__}:"
            f" {'; '.join(sorted(problems)[:3])}{more}"
        )
    network.load_state_dict(state)
    return network.eval()
