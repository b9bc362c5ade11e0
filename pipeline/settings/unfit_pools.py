"""Checks of the pools in params.yaml: whether their datasets can be combined."""

from collections.abc import Iterator

from pipeline.settings.entries import MEMBERS, Member, Pool
from pipeline.settings.schema import Params
from pipeline.settings.spelling import meant

ALIKE = (("crop", "resolution"), ("parse", "skin_ids"))
"""Keys that must be equal in the datasets of a pool; differences in others are reported."""


def unfit_pools(params: Params) -> Iterator[str]:
    """A line for each invalid pool."""
    above: list[str] = []
    for name, pool in params.pools.items():
        where = f"pools.{name}"
        if name in params.datasets:
            yield f"{where}: is the name of a dataset; choose another"
        for place, one in enumerate(pool.of):
            yield from _unfit_member(f"{where}.of[{place}]", one, above, params)
        yield from _unlike_members(where, name, pool, params)
        above.append(name)


def _unfit_member(where: str, one: Member, above: list[str], params: Params) -> Iterator[str]:
    if one.dataset in above:
        if one.split != MEMBERS:
            yield f"{where}.split = {one.split}: of a pool it is {MEMBERS}"
    elif one.dataset not in params.datasets:
        near = meant(one.dataset, (*params.datasets, *above))
        yield f"{where}.dataset = {one.dataset}: not among datasets, nor a pool above{near}"
    elif f"{one.dataset}-{one.split}" not in params.splits:
        yield f"{where}: needs {one.dataset}-{one.split} among splits"


def _unlike_members(where: str, name: str, pool: Pool, params: Params) -> Iterator[str]:
    members = [one.dataset for one in params.members(name)]
    if twice := next((one for one in members if members.count(one) > 1), None):
        yield f"{where}.of: has {twice} twice"
    first, *others = [one for one in members if one in params.recipes] or [None]
    for other in others:
        for section, key in ALIKE:
            here, there = (
                getattr(getattr(params.recipes[one], section), key) for one in (other, first)
            )
            if here != there:
                yield (
                    f"{where}.of: recipes.{other}.{section}.{key} is {here}, and of {first}"
                    f" {there}; it must be equal in a pool"
                )
