"""Hours of the paper's two trainings at each measured rate: extrapolated, not trained."""

from collections.abc import Iterator

from card.part import Card, Row
from pipeline.settings import params

MODES = {
    "mode I": ("mode1", "wnet", "45 h on four RTX 4090"),
    "mode II": ("mode2", "wnet-mode2", "9 h on four RTX 4090"),
}


def rows(card: Card) -> Iterator[Row]:
    """Faces times epochs by each rate with the paper's whole loss; the epochs are our choice."""
    everything = params.load()
    for row in card.rows:
        rate = row.get("figures", {}).get("faces/s")
        if rate is None or "the paper's loss" not in row["what"]:
            continue
        figures = {}
        for mode, (split, run, paper) in MODES.items():
            faces = everything.recipes["celeba"].splits[split].train
            seconds = faces * everything.runs[run].train.epochs / rate
            figures |= {f"{mode}: h": seconds / 3600, f"paper's {mode}:": paper}
        what = row["what"] + ", of a reduced network" * card.reduced
        yield {"part": "hours, extrapolated", "what": what, "figures": figures}
