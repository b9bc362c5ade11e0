"""What params.yaml may hold: one section a stage, each key with its type and range."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

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

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Scale = Literal[2, 4, 8, 16]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]


class Section(BaseModel):
    """A section of the file: no unknown key, no other type, no infinity."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Synthesize(Section):
    """The embedded sample: how many faces, how large (pixels)."""

    seed: Count
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
    max_disagreement: Annotated[float, Field(gt=0)]
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
    skin_ids: Annotated[list[Annotated[int, Field(ge=0, le=18)]], Field(min_length=1)]
    degenerate_below: Share


class Fractions(Section):
    """A split by chance, by names or identities."""

    by: Literal["fractions"]
    seed: Count
    validation: Share
    test: Share
    identities: str | None


class Last(Section):
    """A split by order: the last faces for the test."""

    by: Literal["last"]
    train: Count
    validation: Count
    test: Count


class First(Section):
    """A split by order: the first faces for the training."""

    by: Literal["first"]
    train: Count
    test: Count
    validation: Count
    validation_before_last: Count


class Lists(Section):
    """A split by files that list names."""

    by: Literal["lists"]
    train: str | None
    validation: str | None
    test: str | None


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
    residual_blocks: Positive
    hourglass_depth: Annotated[int, Field(ge=1, le=6)]
    levels: Annotated[int, Field(ge=1, le=4)] | None
    encoder_depth: Annotated[int, Field(ge=1, le=6)]
    decoder_factors: Annotated[list[Scale | Literal["scale"]], Field(min_length=1)]
    skip: Skip
    global_residual: GlobalResidual
    attention_reduction: Positive
    attention_heads: Positive
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
    kernels: Annotated[list[Positive], Field(min_length=3, max_length=3)]
    channels: Annotated[list[Positive], Field(min_length=2, max_length=2)]

    def architecture(self, scale: int) -> SRCNNConfig:
        """The network's own configuration; raises ValueError for combinations it cannot have."""
        return SRCNNConfig(scale=scale, kernels=tuple(self.kernels), channels=tuple(self.channels))


class VDSRModel(Section):
    """VDSR."""

    network: Literal["vdsr"]
    width: Positive
    depth: Annotated[int, Field(ge=2)]

    def architecture(self, scale: int) -> VDSRConfig:
        """The network's own configuration."""
        return VDSRConfig(scale=scale, width=self.width, depth=self.depth)


class EDSRModel(Section):
    """EDSR, its baseline size unless told otherwise."""

    network: Literal["edsr"]
    width: Positive
    blocks: Positive
    residual_scale: Annotated[float, Field(gt=0, le=1)]

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

    seed: Count
    epochs: Positive
    batch: Positive
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    beta1: Annotated[float, Field(ge=0, lt=1)]
    beta2: Annotated[float, Field(ge=0, lt=1)]
    epsilon: Annotated[float, Field(gt=0)]
    schedule: Literal["constant", "cosine"]
    flip: bool
    precision: Literal["fp32", "bf16"]
    clip_norm: Annotated[float, Field(ge=0)]
    ema: Annotated[float, Field(ge=0, lt=1)]
    validate_every: Positive
    progress_every: Positive
    progress_faces: Positive

    def learning(self) -> dict:
        """What decides the weights that come out, without the pictures on the way."""
        return self.model_dump(exclude={"progress_every", "progress_faces"})


class Quality(Section):
    """Protocols of PSNR and SSIM, and the networks of LPIPS."""

    protocols: Annotated[list[Literal["dic", "sparnet", "rgb"]], Field(min_length=1)]
    lpips: list[Literal["alex", "vgg", "squeeze"]]


class LandmarkScores(Section):
    """The NME above which a face counts as a failure."""

    failure: Annotated[float, Field(gt=0)]


class IdentityScores(Section):
    """How many thresholds the curve of Fig. 6 has."""

    thresholds: Annotated[int, Field(ge=2, le=1001)]


class Report(Section):
    """How many faces a grid shows, and how enlarged."""

    faces: Positive
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

    datasets: Annotated[list[Name], Field(min_length=1)]
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
