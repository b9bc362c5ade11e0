"""The entries that `wnet new` adds to params.yaml, from its options and the photographs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from pydantic import ValidationError

from pipeline.commands.inspection import Lists
from pipeline.division import divide
from pipeline.settings import params, schema, sections
from pipeline.settings.resolution import split_inputs
from pipeline.settings.spelling import meant
from wnet.counted import counted
from wnet.crops.settings import WHOLE, CropRule
from wnet.data.splits import Undividable, check_division
from wnet.photographs.decoder import decoder
from wnet.photographs.folder import Photographs
from wnet.photographs.refusals import UnreadableImage

SCALE, RESOLUTION, RUN = 4, 64, "wnet-small"  # the defaults
FEW_ENOUGH = 20_000  # number of photographs up to which shards are small
ENLARGED = 256  # px, the approximate size at which dlib finds test faces
NEARLY_ALL = 0.9  # share of photographs with official boxes from which faces are cropped by them


@dataclass(frozen=True)
class Plan:
    """The wanted settings; `training`: an existing one to evaluate, instead of training `run`."""

    name: str
    scale: int
    resolution: int
    run: str
    training: str | None
    cropped: bool


def plan_of(
    everything: schema.Params,
    name: str,
    scale: int | None,
    resolution: int | None,
    run: str | None,
    training: str | None,
    cropped: bool,
) -> Plan:
    """The options with defaults; for an existing training, its own scale and size.

    Raises ValueError naming the option that does not fit.
    """
    if training is None:
        run = run or RUN
        if run not in everything.runs:
            near = meant(run, everything.runs)
            raise ValueError(f"--run {run}: not among runs of {params.FILE}{near}")
        return Plan(name, scale or SCALE, resolution or RESOLUTION, run, None, cropped)
    if training not in everything.trainings:
        near = meant(training, everything.trainings)
        raise ValueError(f"--model {training}: not among trainings of {params.FILE}{near}")
    there = everything.trainings[training]
    side = everything.recipe_of(there.dataset).crop.resolution
    for option, asked, own in (
        ("scale", scale, there.scale),
        ("resolution", resolution, side),
        ("run", run, there.run),
    ):
        if asked not in (None, own):
            raise ValueError(f"--{option} {asked}: {training} is trained with {own}")
    return Plan(name, there.scale, side, there.run, training, cropped)


def crop_of_plan(
    everything: schema.Params, plan: Plan, photographs: Photographs, lists: Lists
) -> sections.Crop:
    """The crop settings; raises ValueError if the network does not accept such faces."""
    taught = everything.crop
    if plan.training:
        taught = everything.recipe_of(everything.trainings[plan.training].dataset).crop
    changes = {key: getattr(taught, key) for key in CropRule.model_fields}
    changes |= {"landmarks": "dlib", "detector": None, "resolution": plan.resolution}
    boxes = len(lists.known.boxes) >= NEARLY_ALL * len(photographs.names)
    if plan.cropped:
        changes["rule"] = _whole(photographs, everything.crop.max_pixels)
    elif boxes and not plan.training:
        changes["rule"] = "celeba_bbox"
    elif changes["rule"] in WHOLE or (changes["rule"] == "celeba_bbox" and not boxes):
        changes["rule"] = "landmarks"
    if len(photographs.names) <= FEW_ENOUGH:
        changes["faces_per_shard"] = 64
    try:
        crop = sections.Crop.model_validate(everything.crop.model_dump() | changes)
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        raise ValueError(f"--resolution {plan.resolution}: {said}") from error
    try:
        everything.runs[plan.run].model.check(plan.scale, plan.resolution // plan.scale)
    except ValueError as error:
        raise ValueError(
            f"--run {plan.run} --scale {plan.scale} --resolution {plan.resolution}: {error}"
        ) from error
    return crop


def _whole(photographs: Photographs, max_pixels: int) -> str:
    """The crop rule for photographs that are already cropped, by the shapes of a few."""
    bounded = decoder(max_pixels)
    few = photographs.names[:: -(-len(photographs.names) // 24)]
    made = bounded.decode_all(few, partial(photographs.read, most=bounded.bounds.bytes))
    shapes = {
        name: image.shape[:2]
        for name, image in zip(few, made, strict=True)
        if not isinstance(image, UnreadableImage)
    }
    oblong = {name: shape for name, shape in shapes.items() if shape[0] != shape[1]}
    if not oblong:
        return "as_is"
    if len(set(shapes.values())) == 1:
        return "centre"
    name, (height, width) = next(iter(oblong.items()))
    raise ValueError(
        f"--cropped: {name} has {width} x {height} pixels and is not square, and others have other"
        " shapes; without --cropped the faces in them are found and cropped"
    )


def rule_of(plan: Plan, lists: Lists) -> tuple[str, dict]:
    """The name and rule of the split."""
    if plan.training:
        return "all", {"by": "all"}
    if lists.split:
        return lists.split
    shares = {"seed": 1, "validation": 0.1, "test": 0.1}
    more = {"identities": lists.identities, "near_copies": "listed"}
    return "fractions", {"by": "fractions", **shares, **more}


def entries_of(everything: schema.Params, plan: Plan, crop: sections.Crop, lists: Lists) -> dict:
    """The entries by block; raises ValueError for names that exist already."""
    split, rule = rule_of(plan, lists)
    on = {"dataset": plan.name, "split": split, "scale": plan.scale}
    training = plan.training or f"{plan.name}-x{plan.scale}"
    evaluation = f"{plan.training}-{plan.name}" if plan.training else training
    entries = {
        "datasets": [plan.name],
        "pyramids": {f"{plan.name}-x{plan.scale}": {"dataset": plan.name, "scale": plan.scale}},
        "splits": {f"{plan.name}-{split}": {"dataset": plan.name, "split": split}},
        "trainings": {} if plan.training else {training: {"run": plan.run, **on}},
        "evaluations": {evaluation: {"training": training, **on}},
        "comparisons": {f"{plan.name}-{split}-x{plan.scale}": on},
        "recipes": {
            plan.name: {
                "crop": _changed(everything.crop, crop),
                "parse": {"method": "landmarks"},
                "reference": {
                    "landmarks": "dlib",
                    "enlarge": int(np.clip(ENLARGED // plan.resolution, 1, 8)),
                    "identity": "dlib",
                },
                "splits": {split: rule},
            }
        },
    }
    for block, added in entries.items():
        _check_free(block, added, getattr(everything, block))
    return {block: added for block, added in entries.items() if added}


def _changed(section: sections.Crop, crop: sections.Crop) -> dict:
    whole, changed = section.model_dump(mode="json"), crop.model_dump(mode="json")
    return {key: value for key, value in changed.items() if value != whole[key]}


def _check_free(block: str, added: Iterable[str], there: Iterable[str]) -> None:
    if taken := next((name for name in added if name in there), None):
        raise ValueError(f"{params.FILE} already has {taken} among {block}; choose another name")


def subsets_of(
    whole: schema.Params, plan: Plan, photographs: Photographs
) -> Mapping[str, Sequence[str]]:
    """The train, validation and test sets, as if every photograph were cropped.

    Raises ValueError or FileNotFoundError if a list is wrong or missing, or if a needed set is
    empty.
    """
    item = next(each for each in whole.splits.values() if each.dataset == plan.name)
    made_from = split_inputs(whole, item)
    subsets = divide(photographs.names, made_from.rule, lambda: photographs, lambda: ()).subsets
    try:
        check_division(subsets, made_from.needed)
    except Undividable as error:
        raise ValueError(
            f"{photographs.folder}: {counted(len(photographs.names), 'photograph')}: {error}; or"
            " evaluate an already trained network on them, by --model"
        ) from error
    return subsets
