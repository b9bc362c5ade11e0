"""The schema of params.yaml: its sections, entries, recipes and runs."""

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BeforeValidator

from pipeline.settings.entries import Active, Inactive, Member, NetworkSet
from pipeline.settings.names import EmptyBlock, Name
from pipeline.settings.sections import (
    Compare,
    Crop,
    IdentityScores,
    LandmarkScores,
    NetworkTraining,
    Parse,
    Quality,
    Reference,
    Report,
    Synthesize,
    Weights,
)
from pipeline.settings.split_rules import Split
from wnet.settings import Settings


class Run(NetworkTraining):
    """The keys of a run, which override those of the run it is based on and of the sections."""

    based_on: Name | None = None
    """Another run of the same network, from which this one inherits the keys that it lacks."""


class Recipe(Settings):
    """The keys for a dataset, which override those of the stages' sections."""

    weights: Weights
    crop: Crop
    parse: Parse
    reference: Reference
    splits: EmptyBlock[Split]


class Params(Active, NetworkTraining):
    """The whole file; recipes and runs are already merged with the sections of their stages."""

    paper: Annotated[Inactive, BeforeValidator(lambda blocks: {} if blocks is None else blocks)] = (
        Inactive()
    )
    sets: EmptyBlock[NetworkSet]
    weights: Weights
    synthesize: Synthesize
    crop: Crop
    parse: Parse
    reference: Reference
    quality: Quality
    landmarks: LandmarkScores
    identity: IdentityScores
    report: Report
    compare: Compare
    recipes: EmptyBlock[Recipe]
    runs: EmptyBlock[Run]

    def members(self, dataset: Name) -> tuple[Member, ...]:
        """The datasets of a pool, nested or not, each with its split; empty if it is none."""
        found: dict[Name, tuple[Member, ...]] = {}
        for name, pool in self.pools.items():  # each contains only pools before it
            found[name] = tuple(each for one in pool.of for each in found.get(one.dataset, (one,)))
        return found.get(dataset, ())

    def recipe_of(self, dataset: Name) -> Recipe | None:
        """The recipe of a dataset, or of a pool's first one, whose face size the others share."""
        first = next((member.dataset for member in self.members(dataset)), dataset)
        return self.recipes.get(first)


def keys_at(location: tuple, kind: Any = Params) -> tuple[str, ...]:
    """The keys allowed at a location of a pydantic error, which also names members of unions."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, UnionType):
        for each in get_args(kind):
            tags = [get_args(field.annotation) for field in each.model_fields.values()]
            if location and (location[0],) in tags:
                return keys_at(location[1:], each)
        return ()
    if isinstance(kind, type) and issubclass(kind, Settings):
        if not location:
            return tuple(kind.model_fields)
        field = kind.model_fields.get(location[0])
        return keys_at(location[1:], field.annotation) if field else ()
    return keys_at(location[1:], get_args(kind)[1]) if get_origin(kind) is dict else ()
