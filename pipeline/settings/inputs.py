"""What each item of each stage is made from besides data and code: its parameters, resolved."""

from typing import Annotated

from pydantic import Field

from pipeline.settings.entries import Comparison, Evaluation, Pool, Training
from pipeline.settings.names import Name
from pipeline.settings.sections import (
    Checkpoint,
    Compare,
    Crop,
    IdentityScores,
    LandmarkScores,
    Parse,
    Quality,
    Reference,
    Report,
    Synthesize,
    Taught,
    Weights,
)
from pipeline.settings.split_rules import Split, Subset
from wnet.data.settings import Degrade
from wnet.files.weights import MissingWeights, verified
from wnet.metrics.settings import Intervals
from wnet.settings import LISTED, Scale, Settings


class Inputs(Settings):
    """The parameters of an item; `weights` are the files that it loads, by their roles."""

    weights: Weights = Field(default_factory=dict)

    def files(self) -> dict:
        """Where the files of weights are, verified, by role; raises MissingWeights."""
        return {role: verified(self._named(role, file)) for role, file in self.weights.items()}

    @staticmethod
    def _named(role: str, checkpoint: Checkpoint):
        if checkpoint.sha256 is None:
            raise MissingWeights(
                f"weights.{role}.sha256 is empty; `wnet weights verify` prints that of the file"
            )
        return checkpoint.weights_file()


class SynthesizeInputs(Inputs):
    """Of the drawn sample."""

    synthesize: Synthesize


class CropInputs(Inputs):
    """Of the crops of a dataset."""

    crop: Crop


class ParseInputs(Inputs):
    """Of the parsing maps of a dataset; `parse` is None where no training needs them."""

    parse: Parse | None


class PoolInputs(Inputs):
    """Of the faces of two datasets as those of one."""

    pool: Pool


class PyramidInputs(Inputs):
    """Of the reduced faces of a dataset; `skin`: whether it has maps to reduce with them."""

    scale: Scale
    skin: bool


class SplitInputs(Inputs):
    """Of a split; trainings and evaluations need the subsets `needed`."""

    dataset: Name
    rule: Split
    needed: Annotated[tuple[Subset, ...], LISTED]


class ReferenceInputs(Inputs):
    """Of the landmarks and identities of the test faces."""

    reference: Reference


class TrainInputs(Inputs, Taught):
    """Of a trained network: `datasets` whose faces it learns from; `degrade`, None if clean."""

    datasets: Annotated[tuple[Name, ...], LISTED]
    scale: Scale
    degrade: Degrade | None


class ReconstructInputs(Inputs):
    """Of the enlarged test faces; `network` is None of bicubic interpolation."""

    scale: Scale
    network: Name | None


class QualityInputs(Inputs):
    """Of the scores of the pictures."""

    scale: Scale
    quality: Quality


class LandmarksInputs(Inputs):
    """Of the scores of the landmarks."""

    reference: Reference
    landmarks: LandmarkScores


class IdentityInputs(Inputs):
    """Of the scores of the identity."""

    reference: Reference
    identity: IdentityScores


class ReportInputs(Inputs):
    """Of the page of an evaluation.

    training: None of bicubic interpolation; `title`: of its network, as usually written.
    compare: the faces that all evaluations of these test faces show, and the intervals.
    unlike: how its faces were prepared otherwise than those that the network was trained on.
    """

    report: Report
    compare: Compare
    evaluation: Evaluation
    training: Training | None
    title: str | None
    unlike: Annotated[tuple[str, ...], LISTED]


class Method(Settings):
    """A network as it is compared; its evaluations differ in the seed of their training alone.

    title: as usually written. lacks: keys of `model` that switch a part of the network off.
    """

    network: Name
    title: str
    run: Name
    lacks: Annotated[tuple[Name, ...], LISTED]
    evaluations: Annotated[tuple[Name, ...], LISTED]


class CompareInputs(Inputs):
    """Of the page that compares networks on one test set.

    side: of its HR faces, in pixels.
    bicubic: the evaluation of bicubic interpolation; None where only networks are evaluated, each
        beside it.
    """

    compare: Compare
    comparison: Comparison
    side: int
    methods: Annotated[tuple[Method, ...], LISTED]
    bicubic: Name | None


class IndexInputs(Inputs):
    """Of the page over all evaluations; `sides` of HR faces, `titles` of networks, and `unlike`, by
    evaluation.
    """

    evaluations: dict[Name, Evaluation]
    comparisons: dict[Name, Comparison]
    sides: dict[Name, int]
    titles: dict[Name, str | None]
    intervals: Intervals
    unlike: dict[Name, Annotated[tuple[str, ...], LISTED]]
    protocol: str
