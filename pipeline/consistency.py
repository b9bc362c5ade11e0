"""Checks of params.yaml across sections: entries that name what is not there or cannot be."""

from collections.abc import Iterator

from pipeline.schema import Active, Evaluation, Params, Pyramid, Training


def problems_of(params: Params) -> list[str]:
    """A line for each entry that cannot be carried out, naming its key, value and remedy."""
    return [*_unfit(params, params, ""), *_unfit(params.paper, params, "paper.")]


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
