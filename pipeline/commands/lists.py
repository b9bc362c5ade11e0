"""What `wnet doctor` says of the lists beside photographs: what they match, and what is unused."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.commands.finding import Finding
from pipeline.harness import foresight
from pipeline.settings import schema
from pipeline.settings.resolution import split_inputs
from wnet.photographs.annotations import read_annotation
from wnet.photographs.attributes import read_attributes
from wnet.photographs.folder import find_photographs
from wnet.photographs.names import Match


def findings(dataset: str, everything: schema.Params) -> Iterator[Finding]:
    """What the lists beside the photographs match, if both are there and well."""
    splits = {
        name: split_inputs(everything, item)
        for name, item in everything.splits.items()
        if item.dataset == dataset
    }
    try:
        here = find_photographs(Path("data/raw") / dataset)
    except (FileNotFoundError, ValueError):
        return  # which another finding says
    try:
        max_pixels = everything.recipes[dataset].crop.max_pixels
        matches = dict(read_annotation(here, max_pixels).matches)
        if attributes := read_attributes(here).match:
            matches["attributes"] = attributes
        foreseen = foresight.foresee(here, splits, matches)
    except (OSError, ValueError) as error:
        yield Finding("problem", "lists", str(error))
        return
    yield from map(_matched, (matches | foreseen.matches).values())
    yield from (Finding("warn", "lists", line) for line in foreseen.warnings)


def _matched(found: Match) -> Finding:
    """How much of a list and of the photographs has found its counterpart."""
    counts = found.counts()
    text = (
        f"{found.listed.where}: {counts['matched']} of {counts['rows']} rows are of one of"
        f" {counts['photographs']} photographs"
    )
    whole = counts["matched"] in (counts["rows"], counts["photographs"])
    return Finding("ok" if whole else "warn", "lists", text)
