"""What params.yaml may hold: one section a stage, each key with its type and range.

Ranges end where nothing could be trained or run any more. Names become parts of commands and paths,
so they are letters, digits, `_` and `-`.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from wnet.faces.cropping import Border, CropRule, Rule
from wnet.network.config import (
    EDSRConfig,
    GlobalResidual,
    LossWeights,
    ParsingActivation,
    PixelNorm,
    Skip,
    SRCNNConfig,
    VDSRConfig,
    WNetConfig,
)
from wnet.weights import WeightsFile


def _nothing_or_something(value: float) -> float:
    if 0 < value < 1e-6:
        raise ValueError("give 0, or at least 1e-6: float32 makes nothing of less")
    return value


def _distinct(values: list) -> list:
    if len(set(values)) != len(values):
        raise ValueError("an entry stands twice")
    return values


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)]
FilePath = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*)*$", max_length=200
    ),
]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Positive = Annotated[int, Field(ge=1, le=1_000_000)]
Few = Annotated[int, Field(ge=1, le=256)]
Channels = Annotated[int, Field(ge=1, le=1024)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1e6), AfterValidator(_nothing_or_something)]
Decay = Annotated[float, Field(ge=0, le=0.99999)]  # float32 knows few numbers between this and 1
Scale = Literal[2, 4, 8, 16]


class Section(BaseModel):
    """A section of the file: no unknown key, no other type, no infinity."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


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
        """What `wnet.weights` looks for."""
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

    method: Literal["polygons", "bisenet"]
    bisenet_side: Annotated[int, Field(ge=64, le=1024, multiple_of=32)]
    skin_ids: Annotated[
        list[Annotated[int, Field(ge=0, le=18)]], Field(min_length=1), AfterValidator(_distinct)
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


class WNetModel(Section):
    """W-Net; docs/decisions.md has what each key decides."""

    network: Literal["wnet"]
    width: Annotated[int, Field(ge=4, le=1024, multiple_of=4)]
    parsing_channels: Literal[1, 3]
    parsing_activation: ParsingActivation
    residual_blocks: Few
    hourglass_depth: Annotated[int, Field(ge=1, le=6)]
    levels: Annotated[int, Field(ge=1, le=4)] | None
    encoder_depth: Annotated[int, Field(ge=1, le=6)]
    decoder_factors: Annotated[
        list[Literal[2, 4, 8, 16, "scale"]], Field(min_length=1, max_length=10)
    ]
    skip: Skip
    global_residual: GlobalResidual
    attention_reduction: Channels
    attention_heads: Few
    use_parsing_block: bool
    use_lpf: bool
    use_scab: bool
    scab_in_fusion: bool

    def architecture(self, scale: int) -> WNetConfig:
        """The network's own configuration; raises ValueError for combinations it cannot have."""
        chosen = self.model_dump(exclude={"network"})
        return WNetConfig(scale=scale, **chosen | {"decoder_factors": tuple(self.decoder_factors)})


class SRCNNModel(Section):
    """SRCNN."""

    network: Literal["srcnn"]
    kernels: Annotated[list[Annotated[int, Field(ge=1, le=63)]], Field(min_length=3, max_length=3)]
    channels: Annotated[list[Channels], Field(min_length=2, max_length=2)]

    def architecture(self, scale: int) -> SRCNNConfig:
        """The network's own configuration; raises ValueError for combinations it cannot have."""
        return SRCNNConfig(scale=scale, kernels=tuple(self.kernels), channels=tuple(self.channels))


class VDSRModel(Section):
    """VDSR."""

    network: Literal["vdsr"]
    width: Channels
    depth: Annotated[int, Field(ge=2, le=256)]

    def architecture(self, scale: int) -> VDSRConfig:
        """The network's own configuration."""
        return VDSRConfig(scale=scale, width=self.width, depth=self.depth)


class EDSRModel(Section):
    """EDSR, its baseline size unless told otherwise."""

    network: Literal["edsr"]
    width: Channels
    blocks: Few
    residual_scale: Annotated[float, Field(ge=0.001, le=1)]

    def architecture(self, scale: int) -> EDSRConfig:
        """The network's own configuration."""
        return EDSRConfig(scale=scale, **self.model_dump(exclude={"network"}))


Model = Annotated[WNetModel | SRCNNModel | VDSRModel | EDSRModel, Field(discriminator="network")]


class Loss(Section):
    """Weights of the terms of the loss; 0 leaves a term out."""

    pixel_norm: PixelNorm
    pixel: Weight
    parsing: Weight
    key_regions: Weight
    perceptual: Weight

    def weights(self) -> LossWeights:
        """What the loss itself takes."""
        return LossWeights(**self.model_dump())


class Train(Section):
    """How a network is trained."""

    seed: Seed
    epochs: Positive
    batch: Annotated[int, Field(ge=1, le=65536)]
    learning_rate: Annotated[float, Field(ge=1e-9, le=1)]
    beta1: Decay
    beta2: Decay
    epsilon: Annotated[float, Field(ge=1e-12, le=1)]  # less is 0 in float32, and 0 / 0 no number
    schedule: Literal["constant", "cosine"]
    flip: bool
    precision: Literal["fp32", "bf16"]
    clip_norm: Weight
    ema: Decay
    validate_every: Positive
    progress_every: Positive
    progress_faces: Few

    def learning(self) -> dict:
        """What decides the weights that come out, without the pictures on the way."""
        return self.model_dump(exclude={"progress_every", "progress_faces"})


class Quality(Section):
    """Protocols of PSNR and SSIM, and the networks of LPIPS."""

    protocols: Annotated[
        list[Literal["dic", "sparnet", "rgb"]], Field(min_length=1), AfterValidator(_distinct)
    ]
    lpips: Annotated[list[Literal["alex", "vgg", "squeeze"]], AfterValidator(_distinct)]


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


class Run(Section):
    """What is particular to a run, laid over model, loss and train."""

    model: Model
    loss: Loss
    train: Train


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

    datasets: Annotated[list[Name], Field(min_length=1), AfterValidator(_distinct)]
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
