"""Sets of networks to compare, as the entries of params.yaml that train and evaluate them."""

from collections.abc import Iterator

from pipeline.settings.entries import (
    BICUBIC,
    Active,
    Comparison,
    Evaluation,
    NetworkSet,
    Pyramid,
    SplitItem,
    Training,
)
from pipeline.settings.schema import Params
from wnet.settings import Settings

BLOCKS = tuple(name for name in Active.model_fields if name != "datasets")


def entries_of(params: Params, name: str) -> dict[str, dict[str, Settings]]:
    """The entries of a set, by block and name, whether or not they are active.

    A training or evaluation gets the name of an equal one, active or under `paper`, so that nothing
    is trained twice; otherwise, that of the set and the run. The run `bicubic` has no training.
    """
    chosen = params.sets[name]
    entries: dict[str, dict[str, Settings]] = {block: {} for block in BLOCKS}
    tests = tests_of(chosen)
    for dataset, split in {chosen.dataset: chosen.split, **tests}.items():
        if dataset not in params.pools:  # a pool is split as its datasets are
            entries["splits"][f"{dataset}-{split}"] = SplitItem(dataset=dataset, split=split)
        for scale in chosen.scales:
            entries["pyramids"][f"{dataset}-x{scale}"] = Pyramid(dataset=dataset, scale=scale)
    methods = []  # name of the evaluations, training, scale
    for training in _trainings(chosen):
        called = f"{name}-{training.run}-x{training.scale}"
        called = _known("trainings", training, params) or called
        entries["trainings"][called] = training
        methods.append((called, called, training.scale))
    if BICUBIC in chosen.runs:
        methods += [(f"{name}-{BICUBIC}-x{scale}", BICUBIC, scale) for scale in chosen.scales]
    for called, training, scale in methods:
        for dataset, split in tests.items():
            evaluation = Evaluation(training=training, dataset=dataset, split=split, scale=scale)
            tested = f"{called}-{dataset}" if len(tests) > 1 else called
            tested = _known("evaluations", evaluation, params) or tested
            entries["evaluations"][tested] = evaluation
            faces = Comparison(dataset=dataset, split=split, scale=scale)
            entries["comparisons"][faces.set_name] = faces
    return entries


def tests_of(chosen: NetworkSet) -> dict[str, str]:
    """The splits that a set is tested on, by dataset."""
    return chosen.tested_on or {chosen.dataset: chosen.split}


def datasets_of(chosen: NetworkSet) -> list[str]:
    """The datasets of a set, that of the training first."""
    return list(dict.fromkeys([chosen.dataset, *chosen.tested_on]))


def _trainings(chosen: NetworkSet) -> Iterator[Training]:
    for scale in chosen.scales:
        for run in (run for run in chosen.runs if run != BICUBIC):
            equal_to = chosen.equal_to if chosen.equal_to != run else None
            yield Training(
                run=run,
                dataset=chosen.dataset,
                split=chosen.split,
                scale=scale,
                equal_to=equal_to,
                epochs=chosen.epochs.get(run),
                learning_rate=chosen.learning_rates.get(run),
            )


def _known(block: str, entry: Settings, params: Params) -> str | None:
    """The name of an equal entry, if there is one."""
    known = {**getattr(params.paper, block), **getattr(params, block)}
    return next((name for name, other in known.items() if other == entry), None)
