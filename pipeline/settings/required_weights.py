"""Pretrained weights that the items of params.yaml need, and which of them are missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.settings.resolution import items
from pipeline.settings.schema import Params
from pipeline.settings.sections import Checkpoint
from wnet.files.weights import MissingWeights, find


@dataclass(frozen=True)
class Need:
    """A file of weights, its key in `weights`, and the key of params.yaml that needs it."""

    stage: str
    key: str
    role: str
    checkpoint: Checkpoint


def required(params: Params) -> Iterator[Need]:
    """All that is needed, in the order of the stages."""
    for item in items(params):
        for role, key in item.needed_by.items():
            yield Need(item.stage, key, role, item.inputs.weights[role])


def problems(params: Params) -> list[str]:
    """A line for each missing file that a stage will need, with how to get it."""
    lines: dict[str, str] = {}
    for need in required(params):
        try:
            path = find(need.checkpoint.weights_file())
        except MissingWeights as error:
            lines.setdefault(need.checkpoint.file, f"{need.stage} needs {need.key}: {error}")
            continue
        if need.checkpoint.sha256 is None:
            said = f"weights.{need.role}.sha256 is empty; `wnet weights verify` says that of"
            lines.setdefault(need.checkpoint.file, f"{need.stage} needs {need.key}: {said} {path}")
    return list(lines.values())
