"""The inputs of every item of every stage: its parameters, and the modules that it runs.

Runs and recipes have already been merged with their sections (`pipeline.settings.params`). An item
gets only the parameters that it uses, the weights that it loads and the modules of its choices.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.settings import inputs
from pipeline.settings.entries import Evaluation, SplitItem, Training
from pipeline.settings.schema import Params, Recipe, Run
from pipeline.settings.sections import Train, Weights
from pipeline.settings.split_rules import Subset
from wnet.chosen import chosen
from wnet.landmarks.finder import parts
from wnet.landmarks.settings import Landmarks
from wnet.metrics.settings import Intervals
from wnet.metrics.trunks import TRUNKS
from wnet.networks import by_name

PARSERS, IDENTITIES = "wnet.parsing.methods", "wnet.identity.networks"
DEGRADATION = "wnet.data.degradation"


class MissingRole(Exception):
    """A weights file that params.yaml does not name; the message says which key needs it."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item of a stage.

    Attributes:
        stage, name: as in dvc.yaml.
        inputs: its parameters.
        parts: the modules that its parameters choose, in addition to that of the stage.
        needed_by: for each role of its weights, the key of params.yaml that needs the file.
    """

    stage: str
    name: str
    inputs: inputs.Inputs
    parts: tuple[str, ...] = ()
    needed_by: dict[str, str]


def items(params: Params) -> Iterator[Item]:
    """Every item of every stage, in the order of the stages."""
    yield _item("synthesize", "sample", inputs.SynthesizeInputs(synthesize=params.synthesize))
    unparsed = _only_evaluated(params)
    for dataset in params.datasets:
        yield _cropped(dataset, params.recipes[dataset])
        yield _parsed(dataset, params.recipes[dataset], dataset not in unparsed)
    for name, pool in params.pools.items():
        yield _item("pool", name, inputs.PoolInputs(pool=pool))
    for name, pyramid in params.pyramids.items():
        skin = pyramid.dataset not in unparsed
        yield _item("pyramid", name, inputs.PyramidInputs(scale=pyramid.scale, skin=skin))
    for name, split in params.splits.items():
        recipe = params.recipes[split.dataset]
        yield _item("split", name, split_inputs(params, split))
        yield _reference(name, split.dataset, recipe)
    for name in params.trainings:
        yield _training(name, params)
    for name in params.evaluations:
        yield from _evaluated(name, params)
    for name in params.comparisons:
        yield _compared(name, params)
    yield _index(params)


def split_inputs(params: Params, split: SplitItem) -> inputs.SplitInputs:
    """The rule of a split, and the subsets of it that trainings and evaluations use."""

    def use(items: Iterable[Training | Evaluation]) -> bool:
        return any((item.dataset, item.split) == (split.dataset, split.split) for item in items)

    needed: tuple[Subset, ...] = ("train", "validation") if use(params.trainings.values()) else ()
    needed += ("test",) if use(params.evaluations.values()) else ()
    rule = params.recipes[split.dataset].splits[split.split]
    return inputs.SplitInputs(dataset=split.dataset, rule=rule, needed=needed)


def _only_evaluated(params: Params) -> set[str]:
    """The datasets that are only tested on, not trained on: they need no parsing maps."""
    learnt = {name for item in params.trainings.values() for name in _learnt(params, item)}
    pooled = {member.dataset for pool in params.pools for member in params.members(pool)}
    return {item.dataset for item in params.evaluations.values()} - learnt - pooled


def _cropped(dataset: str, recipe: Recipe) -> Item:
    finders, asked = _landmarks(recipe.crop, f"recipes.{dataset}.crop")
    files = _files(recipe.weights, asked)
    return _item(
        "crop", dataset, inputs.CropInputs(crop=recipe.crop, weights=files), finders, asked
    )


def _parsed(dataset: str, recipe: Recipe, needed: bool) -> Item:
    if not needed:
        return _item("parse", dataset, inputs.ParseInputs(parse=None))
    method = recipe.parse.method
    said = f"recipes.{dataset}.parse.method = {method}"
    asked = dict.fromkeys(chosen(PARSERS, method).WEIGHTS, said)
    files = _files(recipe.weights, asked)
    made_from = inputs.ParseInputs(parse=recipe.parse, weights=files)
    return _item("parse", dataset, made_from, (f"{PARSERS}.{method}",), asked)


def _reference(name: str, dataset: str, recipe: Recipe) -> Item:
    finders, asked = _landmarks(recipe.reference, f"recipes.{dataset}.reference")
    more, identity = _identity(dataset, recipe)
    asked |= identity
    made_from = inputs.ReferenceInputs(
        reference=recipe.reference, weights=_files(recipe.weights, asked)
    )
    return _item("reference", name, made_from, finders + more, asked)


def _training(name: str, params: Params) -> Item:
    training = params.trainings[name]
    run = params.runs[training.run]
    asked = {
        role: f"runs.{training.run}.loss.{key} = {getattr(run.loss, key)}"
        for role, key in run.loss.files().items()
    }
    made_from = inputs.TrainInputs(
        datasets=_learnt(params, training),
        scale=training.scale,
        model=run.model,
        loss=run.loss,
        train=_schedule(params, training),
        degrade=run.degrade if run.degrade.share else None,
        weights=_files(params.weights, asked),
    )
    parts = (*_network(params, name), by_name.objective_module(run.model.network))
    parts += (DEGRADATION,) if made_from.degrade else ()
    return _item("train", name, made_from, parts, asked)


def _schedule(params: Params, training: Training) -> Train:
    """The `train` settings, of the run or of the run it is equal to, with the training's own."""
    return params.runs[training.equal_to or training.run].train.model_copy(update=training.own)


def _evaluated(name: str, params: Params) -> Iterator[Item]:
    item = params.evaluations[name]
    recipe = params.recipes[item.dataset]
    network = _network(params, item.training) if item.has_network else ()
    named = _name_of_network(params, item.training) if item.has_network else None
    made_from = inputs.ReconstructInputs(scale=item.scale, network=named)
    yield _item("reconstruct", name, made_from, network)
    asked = {TRUNKS[net]: f"quality.lpips = {net}" for net in params.quality.lpips}
    made_from = inputs.QualityInputs(
        scale=item.scale, quality=params.quality, weights=_files(params.weights, asked)
    )
    yield _item("quality", name, made_from, (), asked)
    finders, asked = _landmarks(recipe.reference, f"recipes.{item.dataset}.reference")
    made_from = inputs.LandmarksInputs(
        reference=recipe.reference,
        landmarks=params.landmarks,
        weights=_files(recipe.weights, asked),
    )
    yield _item("landmarks", name, made_from, finders, asked)
    identity, asked = _identity(item.dataset, recipe)
    made_from = inputs.IdentityInputs(
        reference=recipe.reference,
        identity=params.identity,
        weights=_files(recipe.weights, asked),
    )
    yield _item("identity", name, made_from, identity, asked)
    made_from = inputs.ReportInputs(
        report=params.report,
        compare=params.compare,
        evaluation=item,
        training=params.trainings[item.training] if item.has_network else None,
        title=_title_of_network(params, item),
        unlike=unlike(params, item),
    )
    yield _item("report", name, made_from, (*finders, *identity))


def _compared(name: str, params: Params) -> Item:
    comparison = params.comparisons[name]
    methods: dict[tuple, list[str]] = {}
    own = {key: item for key, item in params.evaluations.items() if item.set_name == name}
    for evaluation, item in own.items():
        if item.has_network:
            methods.setdefault(_except_seed(params, item.training), []).append(evaluation)
    made_from = inputs.CompareInputs(
        compare=params.compare,
        comparison=comparison,
        side=params.recipes[comparison.dataset].crop.resolution,
        methods=tuple(
            inputs.Method(
                network=run.model.network,
                title=_title(run),
                run=params.trainings[params.evaluations[evaluations[0]].training].run,
                lacks=tuple(key for key, part in run.model if key.startswith("use_") and not part),
                evaluations=tuple(evaluations),
                unlike=unlike(params, params.evaluations[evaluations[0]]),
            )
            for (run, *_), evaluations in methods.items()
        ),
        bicubic=next((key for key, item in own.items() if not item.has_network), None),
    )
    return _item("compare", name, made_from)


def _intervals(params: Params) -> Intervals:
    return Intervals(seed=params.compare.seed, resamples=params.compare.resamples)


def _except_seed(params: Params, name: str) -> tuple[Run, str, str, int]:
    """The inputs of a training except its seed."""
    training = params.trainings[name]
    train = _schedule(params, training).model_copy(update={"seed": 0})
    alike = params.runs[training.run].model_copy(update={"train": train, "based_on": None})
    return alike, training.dataset, training.split, training.scale


def unlike(params: Params, evaluation: Evaluation) -> tuple[str, ...]:
    """The differences in cropping or splits between the faces of an evaluation and of its training.

    With different splits, test faces may be among the training faces.
    """
    if not evaluation.has_network:
        return ()
    training = params.trainings[evaluation.training]
    datasets = _learnt(params, training)
    here = params.recipes[evaluation.dataset].crop
    found = [
        f"the training divides {learnt.dataset} by the split {learnt.split}, so that its faces may"
        " be among those tested here"
        for learnt in params.members(training.dataset) or (training,)
        if learnt.dataset == evaluation.dataset and learnt.split != evaluation.split
    ]
    for dataset in datasets:
        of = f" of {dataset}" if len(datasets) > 1 else ""
        there = params.recipes[dataset].crop
        found += [
            f"crop.{key} is {value}, {taught} in the training{of}"
            for key, value, taught in here.differences(there)
        ]
    return tuple(found)


def _learnt(params: Params, training: Training) -> tuple[str, ...]:
    """The datasets that a training uses."""
    members = params.members(training.dataset)
    return tuple(member.dataset for member in members) or (training.dataset,)


def _index(params: Params) -> Item:
    made_from = inputs.IndexInputs(
        evaluations=params.evaluations,
        comparisons=params.comparisons,
        sides={
            name: params.recipes[item.dataset].crop.resolution
            for name, item in params.evaluations.items()
        },
        titles={name: _title_of_network(params, item) for name, item in params.evaluations.items()},
        intervals=_intervals(params),
        unlike={name: unlike(params, item) for name, item in params.evaluations.items()},
        protocol=params.quality.protocols[0],
    )
    return _item("index", "all", made_from)


def _item(
    stage: str,
    name: str,
    made_from: inputs.Inputs,
    parts: tuple[str, ...] = (),
    needed_by: dict[str, str] | None = None,
) -> Item:
    return Item(stage=stage, name=name, inputs=made_from, parts=parts, needed_by=needed_by or {})


def _landmarks(settings: Landmarks, section: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The modules that find landmarks, and the roles of their weights with the keys that need
    them."""
    method, detector = parts(settings)
    by_method = f"{section}.landmarks = {settings.landmarks}"
    by_name = settings.detector and f"{section}.detector = {settings.detector}"
    asked = dict.fromkeys(method.WEIGHTS, by_method)
    asked |= dict.fromkeys(detector.WEIGHTS, by_name or by_method)
    return (method.__name__, detector.__name__), asked


def _identity(dataset: str, recipe: Recipe) -> tuple[tuple[str, ...], dict[str, str]]:
    name = recipe.reference.identity
    said = f"recipes.{dataset}.reference.identity = {name}"
    return (f"{IDENTITIES}.{name}",), dict.fromkeys(chosen(IDENTITIES, name).WEIGHTS, said)


def _network(params: Params, training: str) -> tuple[str, str]:
    name = _name_of_network(params, training)
    return f"wnet.networks.{name}.config", f"wnet.networks.{name}.network"


def _name_of_network(params: Params, training: str) -> str:
    return params.runs[params.trainings[training].run].model.network


def _title_of_network(params: Params, evaluation: Evaluation) -> str | None:
    """None for bicubic interpolation."""
    if not evaluation.has_network:
        return None
    return _title(params.runs[params.trainings[evaluation.training].run])


def _title(run: Run) -> str:
    adversarial = bool(getattr(run.loss, "adversarial", 0.0))
    return by_name.title_of(run.model.network, adversarial)


def _files(weights: Weights, needed_by: dict[str, str]) -> Weights:
    for role, key in needed_by.items():
        if role not in weights:
            raise MissingRole(f"weights.{role}: is missing, and {key} needs it")
    return {role: weights[role] for role in needed_by}
