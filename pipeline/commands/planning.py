"""The entries that `wnet new` adds to params.yaml, by its options and the photographs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from pydantic import ValidationError

from pipeline.commands.looking import Lists
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
FEW_ENOUGH = 20_000  # photographs, up to which shards are small
ENLARGED = 256  # px, about the size of test faces for dlib
NEARLY_ALL = 0.9  # with so many official boxes of the photographs, faces are cropped by them


@dataclass(frozen=True)
class Wish:
    """The wanted settings; `training`: an existing one to evaluate, instead of training `run`."""

    name: str
    scale: int
    resolution: int
    run: str
    training: str | None
    cropped: bool


def wish_of(
    everything: schema.Params,
    name: str,
    scale: int | None,
    resolution: int | None,
    run: str | None,
    training: str | None,
    cropped: bool,
) -> Wish:
    """The options with defaults; for an existing training, its own scale and size.

    Raises ValueError naming the option that does not fit.
    """
    if training is None:
        run = run or RUN
        if run not in everything.runs:
            near = meant(run, everything.runs)
            raise ValueError(f"--run {run}: not among runs of {params.FILE}{near}")
        return Wish(name, scale or SCALE, resolution or RESOLUTION, run, None, cropped)
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
    return Wish(name, there.scale, side, there.run, training, cropped)


def crop_of_wish(
    everything: schema.Params, wish: Wish, photographs: Photographs, lists: Lists
) -> sections.Crop:
    """The crop settings; raises ValueError if the network does not accept such faces."""
    taught = everything.crop
    if wish.training:
        taught = everything.recipe_of(everything.trainings[wish.training].dataset).crop
    changes = {key: getattr(taught, key) for key in CropRule.model_fields}
    changes |= {"landmarks": "dlib", "detector": None, "resolution": wish.resolution}
    boxes = len(lists.known.boxes) >= NEARLY_ALL * len(photographs.names)
    if wish.cropped:
        changes["rule"] = _whole(photographs, everything.crop.max_pixels)
    elif boxes and not wish.training:
        changes["rule"] = "celeba_bbox"
    elif changes["rule"] in WHOLE or (changes["rule"] == "celeba_bbox" and not boxes):
        changes["rule"] = "landmarks"
    if len(photographs.names) <= FEW_ENOUGH:
        changes["faces_per_shard"] = 64
    try:
        crop = sections.Crop.model_validate(everything.crop.model_dump() | changes)
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        raise ValueError(f"--resolution {wish.resolution}: {said}") from error
    try:
        everything.runs[wish.run].model.check(wish.scale, wish.resolution // wish.scale)
    except ValueError as error:
        raise ValueError(
            f"--run {wish.run} --scale {wish.scale} --resolution {wish.resolution}: {error}"
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


def rule_of(wish: Wish, lists: Lists) -> tuple[str, dict]:
    """The name and rule of the split."""
    if wish.training:
        return "all", {"by": "all"}
    if lists.split:
        return lists.split
    shares = {"seed": 1, "validation": 0.1, "test": 0.1}
    more = {"identities": lists.identities, "near_copies": "listed"}
    return "fractions", {"by": "fractions", **shares, **more}


def entries_of(everything: schema.Params, wish: Wish, crop: sections.Crop, lists: Lists) -> dict:
    """The entries by block; raises ValueError for names that exist already."""
    split, rule = rule_of(wish, lists)
    on = {"dataset": wish.name, "split": split, "scale": wish.scale}
    training = wish.training or f"{wish.name}-x{wish.scale}"
    evaluation = f"{wish.training}-{wish.name}" if wish.training else training
    entries = {
        "datasets": [wish.name],
        "pyramids": {f"{wish.name}-x{wish.scale}": {"dataset": wish.name, "scale": wish.scale}},
        "splits": {f"{wish.name}-{split}": {"dataset": wish.name, "split": split}},
        "trainings": {} if wish.training else {training: {"run": wish.run, **on}},
        "evaluations": {evaluation: {"training": training, **on}},
        "comparisons": {f"{wish.name}-{split}-x{wish.scale}": on},
        "recipes": {
            wish.name: {
                "crop": _changed(everything.crop, crop),
                "parse": {"method": "landmarks"},
                "reference": {
                    "landmarks": "dlib",
                    "enlarge": int(np.clip(ENLARGED // wish.resolution, 1, 8)),
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
        raise ValueError(f"{params.FILE} has {taken} among {block} already; choose another name")


def subsets_of(
    whole: schema.Params, wish: Wish, photographs: Photographs
) -> Mapping[str, Sequence[str]]:
    """The train, validation and test sets, as if every photograph were cropped.

    Raises ValueError or FileNotFoundError if a list is wrong or missing, or if a needed set is
    empty.
    """
    item = next(each for each in whole.splits.values() if each.dataset == wish.name)
    made_from = split_inputs(whole, item)
    subsets = divide(photographs.names, made_from.rule, lambda: photographs, lambda: ()).subsets
    try:
        check_division(subsets, made_from.needed)
    except Undividable as error:
        raise ValueError(
            f"{photographs.folder}: {counted(len(photographs.names), 'photograph')}: {error}; or"
            " evaluate a network that is trained already on them, by --model"
        ) from error
    return subsets
