"""What params.yaml may hold: one section a stage, each key with its type and range.

Ranges end where nothing could be trained or run any more. Names become parts of commands and paths,
so they are letters, digits, `_` and `-`.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from pipeline.settings.run_schema import Loss, Run, Train, WNetModel
from pipeline.settings.section import (
    Count,
    Digest,
    Few,
    FileName,
    FilePath,
    Name,
    Positive,
    Scale,
    Section,
    Seed,
    Share,
    distinct,
)
from wnet.crops.rules import Border, CropRule, Rule
from wnet.files.weights import WeightsFile


class Synthesize(Section):
    """The embedded sample: how many faces, how large (pixels)."""

    seed: Seed
    faces: Positive
    resolution: Annotated[int, Field(ge=128, le=512)]


class Checkpoint(Section):
    """A file of pretrained weights, by its name and SHA-256."""

    file: FileName
    sha256: Digest | None

    def weights_file(self) -> WeightsFile:
        """What `wnet.files.weights` looks for."""
        return WeightsFile(self.file, self.sha256)


class Weights(Section):
    """Every file of pretrained weights, by its role."""

    fan: Checkpoint
    sfd: Checkpoint
    yunet: Checkpoint
    bisenet: Checkpoint
    arcface: Checkpoint
    adaface: Checkpoint
    vgg19: Checkpoint
    alexnet: Checkpoint
    vgg16: Checkpoint
    squeezenet: Checkpoint


class Landmarks(Section):
    """How 68 landmarks are found; `detection_side` in pixels."""

    landmarks: Literal["dlib", "fan"]
    fan_detector: Literal["sfd", "yunet"]
    fan_score: Annotated[float, Field(ge=0, lt=1)]
    detection_side: Annotated[int, Field(ge=64, le=8192)]
    upsampling: Annotated[int, Field(ge=0, le=2)]


class Crop(Landmarks):
    """Which square of a photograph is a face; lengths in pixels or in faces."""

    rule: Rule
    extent: Annotated[float, Field(ge=0.5, le=5)]
    lift: Annotated[float, Field(ge=-1, le=1)]
    dic_expansion: Annotated[float, Field(ge=0, le=5)]
    border: Border
    resolution: Annotated[int, Field(ge=32, le=1024, multiple_of=16)]
    min_side: Count
    max_pixels: Annotated[int, Field(ge=1, le=1_000_000_000)]
    max_disagreement: Annotated[float, Field(ge=0.001, le=1000)]
    faces_per_shard: Annotated[int, Field(ge=1, le=65536)]

    def crop_rule(self) -> CropRule:
        """The rule as pure geometry knows it."""
        return CropRule(
            rule=self.rule,
            extent=self.extent,
            lift=self.lift,
            dic_expansion=self.dic_expansion,
            border=self.border,
        )


class Parse(Section):
    """How faces are parsed, and which classes are skin."""

    method: Literal["landmarks", "bisenet"]
    bisenet_side: Annotated[int, Field(ge=64, le=1024, multiple_of=32)]
    skin_ids: Annotated[
        list[Annotated[int, Field(ge=0, le=18)]], Field(min_length=1), AfterValidator(distinct)
    ]
    degenerate_below: Share


class Fractions(Section):
    """A split by chance, by names or identities."""

    by: Literal["fractions"]
    seed: Seed
    validation: Share
    test: Annotated[float, Field(gt=0, le=1)]
    identities: FilePath | None

    @model_validator(mode="after")
    def _fits(self) -> "Fractions":
        if self.validation + self.test > 1:
            raise ValueError("validation and test are more than 1 together")
        return self


class Last(Section):
    """A split by order: the last faces for the test."""

    by: Literal["last"]
    train: Count
    validation: Count
    test: Annotated[Count, Field(ge=1)]


class First(Section):
    """A split by order: the first faces for the training."""

    by: Literal["first"]
    train: Count
    test: Annotated[Count, Field(ge=1)]
    validation: Count
    validation_before_last: Count


class Lists(Section):
    """A split by files that list names."""

    by: Literal["lists"]
    train: FilePath | None
    validation: FilePath | None
    test: FilePath


class Partition(Section):
    """The split of CelebA's list_eval_partition.txt."""

    by: Literal["partition"]


Split = Annotated[Fractions | Last | First | Lists | Partition, Field(discriminator="by")]


class Reference(Landmarks):
    """Landmarks and identity of the test faces; `enlarge` times before detection."""

    enlarge: Annotated[int, Field(ge=1, le=8)]
    identity: Literal["dlib", "arcface", "adaface"]


class Quality(Section):
    """Protocols of PSNR and SSIM, and the networks of LPIPS."""

    protocols: Annotated[
        list[Literal["dic", "sparnet", "rgb"]], Field(min_length=1), AfterValidator(distinct)
    ]
    lpips: Annotated[list[Literal["alex", "vgg", "squeeze"]], AfterValidator(distinct)]


class LandmarkScores(Section):
    """The NME above which a face counts as a failure."""

    failure: Annotated[float, Field(ge=0.0001, le=100)]


class IdentityScores(Section):
    """How many thresholds the curve of Fig. 6 has."""

    thresholds: Annotated[int, Field(ge=2, le=1001)]


class Report(Section):
    """How many faces a grid shows, and how enlarged."""

    faces: Few
    magnify: Annotated[int, Field(ge=1, le=16)]
    browse: Annotated[int, Field(ge=1, le=100)]
    rejected: Annotated[int, Field(ge=0, le=100)]


class Recipe(Section):
    """What is particular to a data set, laid over the stages' sections."""

    weights: Weights
    crop: Crop
    parse: Parse
    reference: Reference
    splits: dict[Name, Split]


class Pyramid(Section):
    """A data set reduced by a scale."""

    dataset: Name
    scale: Scale


class SplitItem(Section):
    """A data set divided by a rule of its recipe."""

    dataset: Name
    split: Name


class Training(Section):
    """A run on a split of a data set at a scale."""

    run: Name
    dataset: Name
    split: Name
    scale: Scale


class Evaluation(Section):
    """A training's network on the test faces of a split."""

    training: Name
    dataset: Name
    split: Name
    scale: Scale


class Active(Section):
    """What dvc.yaml makes stages of."""

    datasets: Annotated[list[Name], Field(min_length=1), AfterValidator(distinct)]
    pyramids: dict[Name, Pyramid]
    splits: dict[Name, SplitItem]
    trainings: dict[Name, Training]
    evaluations: dict[Name, Evaluation]


class Params(Active):
    """The whole file; recipes and runs are whole too, laid over the sections of their stages."""

    paper: Active
    weights: Weights
    synthesize: Synthesize
    crop: Crop
    parse: Parse
    reference: Reference
    model: WNetModel
    loss: Loss
    train: Train
    quality: Quality
    landmarks: LandmarkScores
    identity: IdentityScores
    report: Report
    recipes: dict[Name, Recipe]
    runs: dict[Name, Run]
