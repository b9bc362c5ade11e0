"""Checks of params.yaml across sections: entries that refer to something missing or
incompatible."""

from collections.abc import Iterator

from pipeline.settings.entries import BICUBIC, MEMBERS, Evaluation, Pyramid, Training
from pipeline.settings.schema import Params
from pipeline.settings.spelling import meant
from pipeline.settings.split_rules import All, First, Fractions, Last, Lists, Partition, Split
from pipeline.settings.unfit_pools import unfit_pools
from wnet.crops.settings import WHOLE

SHARD_BYTES = 2_000_000_000  # of faces; a process holds a few such shards


def problems_of(params: Params) -> list[str]:
    """A line for each active entry that cannot be carried out: its key, value and remedy.

    Inactive entries, those in `paper`, and recipes or runs that no active entry names are not
    checked.
    """
    return [*_unfit_parts(params), *_unfit(params)]


def _unfit_parts(params: Params) -> Iterator[str]:
    for name in params.datasets:
        crop = params.recipes[name].crop if name in params.recipes else None
        if crop and (made := crop.faces_per_shard * crop.resolution**2 * 3) > SHARD_BYTES:
            yield (
                f"recipes.{name}.crop.faces_per_shard = {crop.faces_per_shard}: shards of"
                f" {made} bytes with crop.resolution = {crop.resolution}; {SHARD_BYTES} at most"
            )
        if crop and crop.faces == "all" and crop.rule in ("celeba_bbox", *WHOLE):
            yield (
                f"recipes.{name}.crop.faces = all: the rule {crop.rule} knows one face of a"
                " photograph; use landmarks or dic_snippet_on_landmarks"
            )
    for name in dict.fromkeys(training.run for training in params.trainings.values()):
        if name in params.runs and (problem := params.runs[name].loss.problem()):
            yield f"runs.{name}.loss.{problem}"


def _unfit(params: Params) -> Iterator[str]:
    for dataset in params.datasets:
        if dataset not in params.recipes:
            yield f"datasets: {dataset} has no entry in recipes{meant(dataset, params.recipes)}"
    yield from unfit_pools(params)
    for key, item in params.pyramids.items():
        yield from _unfit_pyramid(f"pyramids.{key}", key, item, params)
    for key, item in params.splits.items():
        where, recipe = f"splits.{key}", params.recipes.get(item.dataset)
        if key != f"{item.dataset}-{item.split}":
            yield f"{where}: must be called {item.dataset}-{item.split}"
        if item.dataset in params.pools:
            yield (
                f"{where}.dataset = {item.dataset}: a pool is divided as its datasets are, by"
                f" {MEMBERS}; remove this"
            )
        elif item.dataset not in params.datasets or recipe is None:
            yield (
                f"{where}.dataset = {item.dataset}: not among datasets"
                f"{meant(item.dataset, params.datasets)}"
            )
        elif item.split not in recipe.splits:
            yield (
                f"{where}.split = {item.split}: not in recipes.{item.dataset}.splits"
                f"{meant(item.split, recipe.splits)}"
            )
    for block in ("trainings", "runs"):
        if BICUBIC in getattr(params, block):
            yield f"{block}.{BICUBIC}: is the name of bicubic interpolation; choose another"
    for key, item in params.trainings.items():
        where = f"trainings.{key}"
        yield from _unprepared(where, item, params)
        if item.equal_to is not None and item.equal_to not in params.runs:
            near = meant(item.equal_to, params.runs)
            yield f"{where}.equal_to = {item.equal_to}: not in runs{near}"
        if item.run not in params.runs:
            yield f"{where}.run = {item.run}: not in runs{meant(item.run, params.runs)}"
        elif params.recipe_of(item.dataset):
            yield from _unfit_network(where, item.run, item, params)
            yield from _unfit_training_faces(where, item, params)
    for key, item in params.evaluations.items():
        where, training = f"evaluations.{key}", params.trainings.get(item.training)
        if item.dataset in params.pools:
            named = ", ".join(f"{one.dataset} {one.split}" for one in params.members(item.dataset))
            yield (
                f"{where}.dataset = {item.dataset}: a pool is to train on; evaluate on the test"
                f" faces of each of its datasets ({named})"
            )
            continue
        yield from _unprepared(where, item, params)
        yield from _untested(where, item, params)
        if item.has_network and key == BICUBIC:
            yield f"{where}: is the name of bicubic interpolation; choose another"
        if not item.has_network:
            yield from _unfit_bicubic(where, key, item, params)
        elif training is None:
            yield (
                f"{where}.training = {item.training}: not among trainings"
                f"{meant(item.training, (*params.trainings, BICUBIC))}"
            )
        elif training.scale != item.scale:
            yield f"{where}.scale = {item.scale}: {item.training} is trained for {training.scale}"
        elif training.run in params.runs and item.dataset in params.recipes:
            yield from _unfit_network(where, training.run, item, params)
            yield from _unfit_faces(where, item, training, params)
    compared = {item.set_name for item in params.evaluations.values()}
    for key, item in params.comparisons.items():
        if key != item.set_name:
            yield f"comparisons.{key}: must be called {item.set_name}"
        elif key not in compared:
            yield f"comparisons.{key}: none of evaluations is of it; remove it"


def _unfit_pyramid(where: str, key: str, item: Pyramid, params: Params) -> Iterator[str]:
    if key != f"{item.dataset}-x{item.scale}":
        yield f"{where}: must be called {item.dataset}-x{item.scale}"
    recipe = params.recipe_of(item.dataset)
    if item.dataset not in (*params.datasets, *params.pools) or recipe is None:
        near = meant(item.dataset, (*params.datasets, *params.pools))
        yield f"{where}.dataset = {item.dataset}: not among the datasets{near}"
        return
    resolution = recipe.crop.resolution
    if resolution % item.scale or resolution // item.scale < 4:
        yield f"{where}.scale = {item.scale}: faces of {resolution} pixels are not divisible so"


def _unprepared(where: str, item: Training | Evaluation, params: Params) -> Iterator[str]:
    recipe, pool = params.recipes.get(item.dataset), item.dataset in params.pools
    if pool and item.split != MEMBERS:
        yield f"{where}.split = {item.split}: of a pool it is {MEMBERS}"
    elif not pool and item.dataset not in params.datasets:
        near = meant(item.dataset, (*params.datasets, *params.pools))
        yield f"{where}.dataset = {item.dataset}: not among datasets{near}"
    elif recipe and item.split not in recipe.splits:
        near = meant(item.split, recipe.splits)
        yield f"{where}.split = {item.split}: not in recipes.{item.dataset}.splits{near}"
    for group, needed in (
        ("pyramids", f"{item.dataset}-x{item.scale}"),
        ("splits", f"{item.dataset}-{item.split}"),
    ):
        if needed not in getattr(params, group) and not (pool and group == "splits"):
            yield f"{where}: needs {needed} among {group}"


def _unfit_bicubic(where: str, key: str, item: Evaluation, params: Params) -> Iterator[str]:
    alike = [name for name, other in params.evaluations.items() if other == item]
    if alike[0] != key:
        yield f"{where}: is the same as {alike[0]}; remove one"


def _untested(where: str, item: Evaluation, params: Params) -> Iterator[str]:
    recipe = params.recipes.get(item.dataset)
    rule = recipe.splits.get(item.split) if recipe else None
    if rule is not None and not _tests(rule):
        yield (
            f"{where}.split = {item.split}: leaves no faces to test; change"
            f" recipes.{item.dataset}.splits.{item.split}"
        )


def _unfit_faces(where: str, item: Evaluation, training: Training, params: Params) -> Iterator[str]:
    if taught := params.recipe_of(training.dataset):
        here, there = params.recipes[item.dataset].crop.resolution, taught.crop.resolution
        if here != there:
            yield (
                f"{where}.dataset = {item.dataset}: faces of {here} pixels, and {item.training} is"
                f" trained on {there}; set recipes.{item.dataset}.crop.resolution: {there}"
            )


def _unfit_training_faces(where: str, item: Training, params: Params) -> Iterator[str]:
    """Problems with the faces that a training uses, over all datasets of a pool."""
    members = params.members(item.dataset) or (item,)
    named = {f"recipes.{one.dataset}.splits.{one.split}": one for one in members}
    rules = [
        params.recipes[one.dataset].splits.get(one.split)
        for one in members
        if one.dataset in params.recipes
    ]
    if None not in rules and not any(map(_trains, rules)):
        yield (
            f"{where}.split = {item.split}: leaves no faces to train on, or none to"
            f" validate by; change {' or '.join(named)}"
        )


def _tests(rule: Split) -> bool:
    """Whether a split leaves faces to test, as far as can be known without cropping."""
    match rule:
        case Fractions() | Last() | First():
            return rule.test > 0
        case Lists():
            return rule.test is not None
        case Partition() | All():
            return True


def _trains(rule: Split) -> bool:
    """Whether a split leaves faces to train and validate on, as far as can be known without
    cropping."""
    match rule:
        case Fractions():
            return rule.validation > 0 and rule.validation + rule.test < 1
        case Last() | First():
            return rule.train > 0 and rule.validation > 0
        case Lists():
            return rule.train is not None and rule.validation is not None
        case Partition():
            return True
        case All():
            return False


def _unfit_network(
    where: str, run: str, item: Training | Evaluation, params: Params
) -> Iterator[str]:
    side = params.recipe_of(item.dataset).crop.resolution // item.scale
    try:
        params.runs[run].model.check(item.scale, side)
    except ValueError as error:
        yield f"{where} (run {run}, scale {item.scale}): {error}"
