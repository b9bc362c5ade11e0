"""Which pretrained weights the active entries of params.yaml need, stage by stage."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.settings.schema import Checkpoint, Params
from wnet.files.weights import MissingWeights, find

STAGES = ("crop", "parse", "reference", "train", "quality", "landmarks", "identity")
"""Stages with networks that others have trained, in the order in which they may run."""

LPIPS_TRUNKS = {"alex": "alexnet", "vgg": "vgg16", "squeeze": "squeezenet"}


@dataclass(frozen=True)
class Need:
    """A key of params.yaml, with the value that asks for weights, and the last stage that does.

    checkpoint: its entry under `weights`, called `role`.
    """

    stage: str
    key: str
    role: str
    checkpoint: Checkpoint


def required(params: Params) -> Iterator[Need]:
    """What is needed, by the order of the stages."""
    recipes = {name: params.recipes[name] for name in params.datasets if name in params.recipes}
    for name, recipe in recipes.items():
        yield from _landmarks(name, "crop", "crop", recipe)
    for name, recipe in recipes.items():
        if recipe.parse.method == "bisenet":
            key = f"recipes.{name}.parse.method = bisenet"
            yield Need("parse", key, "bisenet", recipe.weights.bisenet)
    for run in dict.fromkeys(item.run for item in params.trainings.values()):
        if run in params.runs and params.runs[run].loss.perceptual > 0:
            key = f"runs.{run}.loss.perceptual = {params.runs[run].loss.perceptual}"
            yield Need("train", key, "vgg19", params.weights.vgg19)
    for net in params.quality.lpips:
        role = LPIPS_TRUNKS[net]
        yield Need("quality", f"quality.lpips = {net}", role, getattr(params.weights, role))
    for name, recipe in recipes.items():
        yield from _landmarks(name, "reference", "landmarks", recipe)
        if recipe.reference.identity != "dlib":
            role = recipe.reference.identity
            key = f"recipes.{name}.reference.identity = {role}"
            yield Need("identity", key, role, getattr(recipe.weights, role))


def problems(params: Params, stage: str) -> list[str]:
    """A line for each file that `stage` or one after it will miss, and what brings it.

    Stages before it have run: whoever pulls what they made does not need their weights.
    """
    lines: dict[str, str] = {}
    for need in required(params):
        if STAGES.index(need.stage) >= STAGES.index(stage):
            try:
                path = find(need.checkpoint.weights_file())
            except MissingWeights as error:
                lines.setdefault(need.checkpoint.file, f"{need.key}: {error}")
                continue
            if need.checkpoint.sha256 is None:
                said = f"weights.{need.role}.sha256 is empty; `wnet weights verify` says that of"
                lines.setdefault(need.checkpoint.file, f"{need.key}: {said} {path}")
    return list(lines.values())


def _landmarks(name: str, section: str, stage: str, recipe) -> Iterator[Need]:
    settings = getattr(recipe, section)
    if settings.landmarks == "fan":
        for role in ("fan", settings.fan_detector):
            key = f"recipes.{name}.{section}.landmarks = fan"
            yield Need(stage, key, role, getattr(recipe.weights, role))
