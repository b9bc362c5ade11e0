"""Checks of params.yaml across sections: entries that name what is not there or cannot be."""

from collections.abc import Iterator

from pipeline.settings.schema import (
    Active,
    Evaluation,
    First,
    Fractions,
    Last,
    Lists,
    Params,
    Partition,
    Pyramid,
    Split,
    Training,
)

SHARD_BYTES = 2_000_000_000  # of faces; a process holds a few of such


def problems_of(params: Params) -> list[str]:
    """A line for each entry that cannot be carried out, naming its key, value and remedy."""
    active = (_unfit(params, params, ""), _unfit(params.paper, params, "paper."))
    return [*_unfit_parts(params), *active[0], *active[1]]


def _unfit_parts(params: Params) -> Iterator[str]:
    for name, recipe in params.recipes.items():
        made = recipe.crop.faces_per_shard * recipe.crop.resolution**2 * 3
        if made > SHARD_BYTES:
            yield (
                f"recipes.{name}.crop.faces_per_shard = {recipe.crop.faces_per_shard}: shards of"
                f" {made} bytes with crop.resolution = {recipe.crop.resolution}; {SHARD_BYTES} at"
                " most"
            )
    for name, run in params.runs.items():
        if run.loss.pixel == 0 and run.loss.key_regions == 0:
            yield (
                f"runs.{name}.loss.pixel = 0 and loss.key_regions = 0: nothing would teach the"
                " network what a face looks like"
            )


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
            yield from _unfit_network(where, item.run, item, params)
            rule = params.recipes[item.dataset].splits.get(item.split)
            if rule is not None and not _trains(rule):
                yield (
                    f"{where}.split = {item.split}: leaves no faces to train on, or none to"
                    f" validate by; change recipes.{item.dataset}.splits.{item.split}"
                )
    for key, item in active.evaluations.items():
        where, training = f"{prefix}evaluations.{key}", active.trainings.get(item.training)
        yield from _unprepared(where, item, active, prefix)
        if training is None:
            yield f"{where}.training = {item.training}: not among {prefix}trainings"
        elif training.scale != item.scale:
            yield f"{where}.scale = {item.scale}: {item.training} is trained for {training.scale}"
        elif training.run in params.runs and item.dataset in params.recipes:
            yield from _unfit_network(where, training.run, item, params)


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


def _trains(rule: Split) -> bool:
    """Whether a split leaves faces to train on and to validate by, as far as can be told here."""
    match rule:
        case Fractions():
            return rule.validation > 0 and rule.validation + rule.test < 1
        case Last() | First():
            return rule.train > 0 and rule.validation > 0
        case Lists():
            return rule.train is not None and rule.validation is not None
        case Partition():
            return True


def _unfit_network(
    where: str, run: str, item: Training | Evaluation, params: Params
) -> Iterator[str]:
    side = params.recipes[item.dataset].crop.resolution // item.scale
    try:
        params.runs[run].model.check(item.scale, side)
    except ValueError as error:
        yield f"{where} (run {run}, scale {item.scale}): {error}"
