"""One evaluation as the pages show it: what it is, and its rows beside the paper's."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.pages.scores import Scores
from pipeline.settings import schema
from wnet.figures.paper import TABLE_1, TABLE_2, Figures, Row, by_test, paper_test_set
from wnet.networks.by_name import title_of

DRAWN = "sample"  # the data set that the stage `synthesize` draws; all others are photographs


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What was evaluated.

    Attributes:
        name, item: an entry of params.yaml.
        hr_side: of its faces, in pixels.
        network: what was trained, as params.yaml calls it.
    """

    name: str
    item: schema.Evaluation
    hr_side: int
    network: str

    @property
    def method(self) -> str:
        """The network as the field writes it."""
        return title_of(self.network)

    @property
    def lr_side(self) -> int:
        return self.hr_side // self.item.scale

    @property
    def drawn(self) -> bool:
        return self.item.dataset == DRAWN

    @property
    def comparable(self) -> bool:
        """Whether the paper reports on a data set of this name, size and scale."""
        return paper_test_set(self.item.dataset, self.item.scale, self.hr_side) is not None

    @property
    def test_set(self) -> str:
        """The heading of the paper's rows that this evaluation joins, or one of its own."""
        faces = f"{self.hr_side}-px drawn faces" if self.drawn else f"{self.hr_side} px"
        own = f"{self.item.dataset}, {faces}"
        return paper_test_set(self.item.dataset, self.item.scale, self.hr_side) or own


def beside_paper(
    evaluations: Sequence[tuple[Subject, Scores]],
) -> list[list[tuple[str, int, list[Row]]]]:
    """Tables 1 and 2 of the paper with our rows, grouped by test set and scale.

    Evaluations on the same faces share one row of bicubic interpolation.
    """
    ours: tuple[list[Row], list[Row]] = ([], [])
    for subject, scores in evaluations:
        split = f"split {subject.item.split}"
        psnr, ssim, distance, similarity = scores.headline
        for method, note in (("bicubic", split), ("network", f"{subject.name}, {split}")):
            quality = [getattr(score, method) for score in (psnr, ssim)]
            downstream = [getattr(score, method) for score in (distance, similarity)]
            lpips = getattr(scores.lpips[0], method) if scores.lpips else "not measured"
            ours[0].append(_row(subject, method, note, (*quality, lpips)))
            ours[1].append(_row(subject, method, note, tuple(downstream)))
    return [
        by_test([*reported, *dict.fromkeys(own)])
        for reported, own in zip((TABLE_1, TABLE_2), ours, strict=True)
    ]


def _row(subject: Subject, method: str, note: str, figures: Figures) -> Row:
    return Row(
        origin="ours",
        test_set=subject.test_set,
        scale=subject.item.scale,
        method={"bicubic": "Bicubic", "network": subject.method}[method],
        note=note,
        figures=figures,
    )
