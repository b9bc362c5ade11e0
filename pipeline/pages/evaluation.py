"""One evaluation for the pages, and its rows in the paper's tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.pages.paper_tables import PaperTable, with_ours
from pipeline.pages.scores import Scores
from pipeline.settings import entries
from wnet.figures.paper import Row, paper_test_set

DRAWN = "sample"  # the dataset that the stage `synthesize` draws; all others consist of photographs


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The subject of an evaluation's page.

    Attributes:
        name, item: an entry of params.yaml.
        hr_side: side of its faces, in pixels.
        network: the trained network's name in params.yaml, and `title`, its usual name; None for
            bicubic interpolation.
        unlike: how the preparation of its faces differs from that of the training faces.
    """

    name: str
    item: entries.Evaluation
    hr_side: int
    network: str | None
    title: str | None
    unlike: tuple[str, ...]

    @property
    def method(self) -> str:
        """The title of the method."""
        return self.title or "Bicubic interpolation"

    @property
    def lr_side(self) -> int:
        return self.hr_side // self.item.scale

    @property
    def drawn(self) -> bool:
        return self.item.dataset == DRAWN

    @property
    def comparable(self) -> bool:
        """Whether the paper reports on a dataset of this name, size, scale and cropping."""
        return self.test_set is not None

    @property
    def test_set(self) -> str | None:
        """The paper's test set that these faces correspond to; None if none is comparable."""
        if self.unlike:
            return None
        return paper_test_set(self.item.dataset, self.item.scale, self.hr_side)


def paper_tables_of(evaluations: Sequence[tuple[Subject, Scores]]) -> list[PaperTable]:
    """The paper's tables with our rows, for the test sets that we have; none if none is comparable.

    Evaluations on the same faces share one row of bicubic interpolation.
    """
    return with_ours(lambda keys: list(dict.fromkeys(_ours(evaluations, keys))))


def _ours(evaluations: Sequence[tuple[Subject, Scores]], keys: Sequence[str]) -> Iterator[Row]:
    for subject, scores in evaluations:
        split = f"split {subject.item.split}"
        compared = [scores.headline[key] for key in keys]
        rows = [("Bicubic", [row.bicubic for row in compared], split)]
        if subject.network:
            own = [row.network for row in compared]
            rows.append((subject.method, own, f"{subject.name}, {split}"))
        for method, figures, note in rows:
            if subject.test_set is not None:
                yield Row(
                    origin="ours",
                    test_set=subject.test_set,
                    scale=subject.item.scale,
                    method=method,
                    note=note,
                    figures=tuple(figures),
                )
