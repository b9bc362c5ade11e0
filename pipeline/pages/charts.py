"""The charts of an evaluation's page, from the series written by training and scoring."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.pages.face_scores import FaceScore
from pipeline.pages.pages import words
from pipeline.pages.similarity import CAPTION, similarity_curves
from wnet.figures.curves import Chart, Curve, draw_chart
from wnet.figures.theme import BICUBIC, DARK, LIGHT, NETWORK
from wnet.metrics.scores import SCORES
from wnet.parsing.regions import KEY_REGIONS

LOSS = "loss × 1000"
THOUSANDTHS = (1, 1000)  # of the step and value columns, so that labels stay short
TITLES = {score.key: (score.title, score.heading) for score in SCORES} | {
    "parsing_iou": ("parsing IoU", "parsing IoU"),  # of the estimated skin map
}
"""Of validation scores, alone and with the unit."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart: the stem of its file name, its caption, and its content in words."""

    stem: str
    caption: str
    alt: str
    chart: Chart

    @property
    def light(self) -> str:
        """The file name for light pages; `dark` is that for dark pages."""
        return f"{self.stem}.png"

    @property
    def dark(self) -> str:
        return f"{self.stem}-dark.png"


def learning_charts(curves: Path, training: dict) -> list[Figure]:
    """Losses, validation scores and learning rate by epoch, from DVCLive's series.

    training: the outcome of the stage `train`, with the best epoch and the weights of the loss.
    """
    best_epoch, weights = training["best_epoch"], training["loss_weights"]
    train = sorted((curves / "train").glob("*.tsv"))
    losses = {path.stem: _read(path) * THOUSANDTHS for path in train}
    whole = {"total": losses.pop("total")} | {
        _weighted(key, weight): losses.pop(key) * (1, weight)
        for key, weight in weights.items()
        if key in losses
    }
    regions = {key: losses.pop(key) for key in KEY_REGIONS if key in losses}
    figures = [_by_epoch("loss", "Training loss: the total and its terms", LOSS, whole)]
    if regions:
        caption = "Training loss in the key regions, before weighting"
        figures.append(_by_epoch("regions", caption, LOSS, regions))
    if losses:
        figures.append(
            _by_epoch("other_terms", "Measured in training, not part of the total", LOSS, losses)
        )
    for table in sorted((curves / "validation").glob("*.tsv"), key=_place):
        key, series = table.stem, _read(table)
        title, heading = TITLES.get(key, (words(key), words(key)))
        caption = f"Validation {title}"
        figures.append(_by_epoch(key, caption, heading, {key: series}, best_epoch))
    rate = {"learning_rate": _read(curves / "learning_rate.tsv") * THOUSANDTHS}
    figures.append(_by_epoch("learning_rate", "Learning rate", "learning rate × 1000", rate))
    return figures


def identity_chart(similarity: FaceScore, network: str | None) -> Figure | None:
    """The paper's Fig. 6 of bicubic interpolation and the network; None without identities.

    network: its title; None without a network.
    """
    values, colours = {"Bicubic": similarity.bicubic}, {"Bicubic": BICUBIC}
    if network:
        values[network], colours[network] = similarity.network, NETWORK
    found = similarity_curves(values, colours)
    if found is None:
        return None
    chart, alt = found
    return Figure(stem="fig6", caption=CAPTION, alt=alt, chart=chart)


def write_charts(figures: Sequence[Figure], folder: Path) -> None:
    """Draw each figure twice, for light and for dark pages."""
    for figure in figures:
        for name, theme in ((figure.light, LIGHT), (figure.dark, DARK)):
            (folder / name).write_bytes(draw_chart(figure.chart, theme))


def _by_epoch(
    stem: str, caption: str, label: str, series: dict[str, np.ndarray], best: int | None = None
) -> Figure:
    """A chart of (N, 2) tables of epoch and value, with the value of the best epoch marked and
    labelled."""
    curves = tuple(
        Curve(label=words(key), x=table[:, 0], y=table[:, 1], colour=colour % len(LIGHT.series))
        for colour, (key, table) in enumerate(series.items())
    )
    told = [f"{caption} by epoch, {label}"] + [
        f"{curve.label} from {curve.y[0]:.4g} at epoch {curve.x[0]:g}"
        f" to {curve.y[-1]:.4g} at epoch {curve.x[-1]:g}"
        for curve in curves
    ]
    dot = None
    if best is not None:
        at_best = curves[0].y[curves[0].x == best][0]
        dot = (float(best), float(at_best))
        caption = f"{caption} {at_best:.4g} at epoch {best}"
    logarithmic = label == LOSS and all((curve.y > 0).all() for curve in curves)
    chart = Chart(
        curves=curves,
        x_label="epoch",
        y_label=f"{label}, logarithmic" if logarithmic else label,
        logarithmic=logarithmic,
        whole_x=True,
        dot=dot,
    )
    return Figure(stem=stem, caption=caption, alt="; ".join(told), chart=chart)


def _weighted(key: str, weight: float) -> str:
    return key if weight == 1 else f"{weight:g} × {key}"


def _place(table: Path) -> tuple[int, str]:
    """The position in the table of scores; keys that it lacks come last, by name."""
    known = list(TITLES)
    return known.index(table.stem) if table.stem in known else len(known), table.stem


def _read(path: Path) -> np.ndarray:
    """One of DVCLive's series: (N, 2) of step and value."""
    return np.loadtxt(path, skiprows=1, ndmin=2)
