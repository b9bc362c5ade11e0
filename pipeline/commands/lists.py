"""The findings of `wnet doctor` on lists beside photographs: their matches, and unused lists."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.commands.finding import Finding
from pipeline.harness import early_checks
from pipeline.settings import schema
from pipeline.settings.resolution import split_inputs
from wnet.photographs.annotations import read_annotation
from wnet.photographs.attributes import read_attributes
from wnet.photographs.folder import find_photographs
from wnet.photographs.names import Match


def findings(dataset: str, everything: schema.Params) -> Iterator[Finding]:
    """Findings on the matches of lists and photographs, if both are present and readable."""
    splits = {
        name: split_inputs(everything, item)
        for name, item in everything.splits.items()
        if item.dataset == dataset
    }
    try:
        here = find_photographs(Path("data/raw") / dataset)
    except (FileNotFoundError, ValueError):
        return  # another finding reports it
    try:
        max_pixels = everything.recipes[dataset].crop.max_pixels
        matches = dict(read_annotation(here, max_pixels).matches)
        if attributes := read_attributes(here).match:
            matches["attributes"] = attributes
        foreseen = early_checks.check_splits(here, splits, matches)
    except (OSError, ValueError) as error:
        yield Finding("problem", "lists", str(error))
        return
    yield from map(_matched, (matches | foreseen.matches).values())
    yield from (Finding("warn", "lists", line) for line in foreseen.warnings)


def _matched(found: Match) -> Finding:
    """How many rows of a list and how many photographs match."""
    counts = found.counts()
    text = (
        f"{found.listed.where}: {counts['matched']} of {counts['rows']} rows match one of"
        f" {counts['photographs']} photographs"
    )
    whole = counts["matched"] in (counts["rows"], counts["photographs"])
    return Finding("ok" if whole else "warn", "lists", text)
