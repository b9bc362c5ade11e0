"""What a run of params.yaml may hold: its network, its loss, its training."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.settings.section import Channels, Decay, Few, Positive, Section, Seed, Weight
from wnet.networks.config import (
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


class Run(Section):
    """What is particular to a run, laid over model, loss and train."""

    model: Model
    loss: Loss
    train: Train
