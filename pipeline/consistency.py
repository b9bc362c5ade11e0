"""Checks of params.yaml across sections: entries that name what is not there or cannot be."""

from collections.abc import Iterator

from pipeline.schema import Active, Evaluation, Params, Pyramid, Training
from wnet.weights import VGG19, MissingWeights, find


def problems_of(params: Params) -> list[str]:
    """A line for each entry that cannot be carried out, naming its key, value and remedy."""
    return [
        *_unfit(params, params, ""),
        *_unfit(params.paper, params, "paper."),
        *_refused(params),
    ]


def _unfit(active: Active, params: Params, prefix: str) -> Iterator[str]:
    for dataset in active.datasets:
        if dataset not in params.recipes:
            yield f"{prefix}datasets: {dataset} has no entry in recipes"
    for key, item in active.pyramids.items():
        yield from _unfit_pyramid(f"{prefix}pyramids.{key}", key, item, active, params)
    for key, item in active.splits.items():
        where, recipe = f"{prefix}splits.{key}", params.recipes.get(item.dataset)
        if key != f"{item.dataset}-{item.split}":
            yield f"{where}: must be called {item.dataset}-{item.split}"
        if item.dataset not in active.datasets or recipe is None:
            yield f"{where}.dataset = {item.dataset}: not among {prefix}datasets"
        elif item.split not in recipe.splits:
            yield f"{where}.split = {item.split}: not in recipes.{item.dataset}.splits"
    for key, item in active.trainings.items():
        where = f"{prefix}trainings.{key}"
        yield from _unprepared(where, item, active, prefix)
        if item.run not in params.runs:
            yield f"{where}.run = {item.run}: not in runs ({', '.join(params.runs)})"
        elif item.dataset in params.recipes:
            yield from _unfit_network(where, item, params)
    for key, item in active.evaluations.items():
        where, training = f"{prefix}evaluations.{key}", active.trainings.get(item.training)
        yield from _unprepared(where, item, active, prefix)
        if training is None:
            yield f"{where}.training = {item.training}: not among {prefix}trainings"
        elif training.scale != item.scale:
            yield f"{where}.scale = {item.scale}: {item.training} is trained for {training.scale}"


def _unfit_pyramid(
    where: str, key: str, item: Pyramid, active: Active, params: Params
) -> Iterator[str]:
    if key != f"{item.dataset}-x{item.scale}":
        yield f"{where}: must be called {item.dataset}-x{item.scale}"
    if item.dataset not in active.datasets or item.dataset not in params.recipes:
        yield f"{where}.dataset = {item.dataset}: not among the datasets"
        return
    resolution = params.recipes[item.dataset].crop.resolution
    if resolution % item.scale or resolution // item.scale < 4:
        yield f"{where}.scale = {item.scale}: faces of {resolution} pixels are not divisible so"


def _unprepared(
    where: str, item: Training | Evaluation, active: Active, prefix: str
) -> Iterator[str]:
    for group, needed in (
        ("pyramids", f"{item.dataset}-x{item.scale}"),
        ("splits", f"{item.dataset}-{item.split}"),
    ):
        if needed not in getattr(active, group):
            yield f"{where}: needs {needed} among {prefix}{group}"


def _unfit_network(where: str, item: Training, params: Params) -> Iterator[str]:
    side = params.recipes[item.dataset].crop.resolution // item.scale
    try:
        params.runs[item.run].model.architecture(item.scale).check_lr_side(side)
    except ValueError as error:
        yield f"{where} (run {item.run}, scale {item.scale}): {error}"


def _refused(params: Params) -> Iterator[str]:
    """Active choices whose networks this version does not carry, or whose weights are missing."""
    for name in params.datasets:
        recipe = params.recipes.get(name)
        for section, key, own in (
            ("crop", "landmarks", "dlib"),
            ("parse", "method", "polygons"),
            ("reference", "landmarks", "dlib"),
            ("reference", "identity", "dlib"),
        ):
            value = getattr(getattr(recipe, section), key) if recipe else own
            if value != own:
                yield (
                    f"recipes.{name}.{section}.{key} = {value}: needs pretrained weights that this "
                    f"version cannot load; set it to {own}"
                )
    for name in {training.run for training in params.trainings.values()} & set(params.runs):
        if params.runs[name].loss.perceptual > 0:
            yield from _missing_vgg19(f"runs.{name}.loss.perceptual")
    if params.quality.lpips != "none":
        yield (
            f"quality.lpips = {params.quality.lpips}: needs a network that this version cannot "
            "load; set it to none"
        )


def _missing_vgg19(key: str) -> Iterator[str]:
    try:
        find(VGG19)
    except MissingWeights as error:
        yield f"{key}: needs VGG-19's weights, or to be 0.0: {error}"
