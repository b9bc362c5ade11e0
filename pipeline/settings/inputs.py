"""The inputs of each item besides data and code: its resolved parameters."""

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
    NetworkTraining,
    Parse,
    Quality,
    Reference,
    Report,
    Synthesize,
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
        """The verified paths of the weights, by role; raises MissingWeights."""
        return {role: verified(self._named(role, file)) for role, file in self.weights.items()}

    @staticmethod
    def _named(role: str, checkpoint: Checkpoint):
        if checkpoint.sha256 is None:
            raise MissingWeights(
                f"weights.{role}.sha256 is empty; `wnet weights verify` prints that of the file"
            )
        return checkpoint.weights_file()


class SynthesizeInputs(Inputs):
    """For the drawn sample."""

    synthesize: Synthesize


class CropInputs(Inputs):
    """For the crops of a dataset."""

    crop: Crop


class ParseInputs(Inputs):
    """For the parsing maps of a dataset; `parse` is None if no training needs them."""

    parse: Parse | None


class PoolInputs(Inputs):
    """For a pool of two datasets."""

    pool: Pool


class PyramidInputs(Inputs):
    """For the reduced faces of a dataset; `skin`: whether there are maps to reduce too."""

    scale: Scale
    skin: bool


class SplitInputs(Inputs):
    """For a split; `needed` are the subsets that trainings and evaluations use."""

    dataset: Name
    rule: Split
    needed: Annotated[tuple[Subset, ...], LISTED]


class ReferenceInputs(Inputs):
    """For the landmarks and identities of the test faces."""

    reference: Reference


class TrainInputs(Inputs, NetworkTraining):
    """For a trained network, on the faces of `datasets`; `degrade` is None if they stay clean."""

    datasets: Annotated[tuple[Name, ...], LISTED]
    scale: Scale
    degrade: Degrade | None


class ReconstructInputs(Inputs):
    """For the enlarged test faces; `network` is None for bicubic interpolation."""

    scale: Scale
    network: Name | None


class QualityInputs(Inputs):
    """For the scores of image quality."""

    scale: Scale
    quality: Quality


class LandmarksInputs(Inputs):
    """For the scores of the landmarks."""

    reference: Reference
    landmarks: LandmarkScores


class IdentityInputs(Inputs):
    """For the scores of the identity."""

    reference: Reference
    identity: IdentityScores


class ReportInputs(Inputs):
    """For the page of an evaluation.

    training: None for bicubic interpolation. title: the usual name of its network.
    compare: the settings of the shared faces and of the intervals.
    unlike: how the preparation of its faces differs from that of the training faces.
    """

    report: Report
    compare: Compare
    evaluation: Evaluation
    training: Training | None
    title: str | None
    unlike: Annotated[tuple[str, ...], LISTED]


class Method(Settings):
    """A network in a comparison; its evaluations differ only in the seed of their training.

    title: its usual name. lacks: keys of `model` by which a part of the network is switched off.
    unlike: how the faces were prepared differently from those of its training.
    """

    network: Name
    title: str
    run: Name
    lacks: Annotated[tuple[Name, ...], LISTED]
    evaluations: Annotated[tuple[Name, ...], LISTED]
    unlike: Annotated[tuple[str, ...], LISTED]


class CompareInputs(Inputs):
    """For the page that compares networks on one test set.

    side: side of its HR faces, in pixels.
    bicubic: the evaluation of bicubic interpolation; None if only networks are evaluated, each of
    which then also scores it.
    """

    compare: Compare
    comparison: Comparison
    side: int
    methods: Annotated[tuple[Method, ...], LISTED]
    bicubic: Name | None


class IndexInputs(Inputs):
    """For the page of all evaluations; `sides` of HR faces, `titles` of networks, and `unlike`, by
    evaluation."""

    evaluations: dict[Name, Evaluation]
    comparisons: dict[Name, Comparison]
    sides: dict[Name, int]
    titles: dict[Name, str | None]
    intervals: Intervals
    unlike: dict[Name, Annotated[tuple[str, ...], LISTED]]
    protocol: str
