"""W-Net: its name and its settings; docs/decisions.md lists what the paper leaves open."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from wnet.networks.architecture import Architecture
from wnet.settings import LISTED, Channels, Few

TITLE = "W-Net"

Factor = Literal[2, 4, 8, 16, "scale"]


class Config(Architecture):
    """The architecture of one W-Net; an impossible combination raises ValueError."""

    width: Annotated[int, Field(ge=4, le=1024, multiple_of=4)]
    """Channels of every feature map; a multiple of `attention_heads`."""
    parsing_channels: Literal[1, 3]
    """Channels of the parsing map: 3 equal ones in the paper (eq. 8), or 1."""
    parsing_activation: Literal["none", "sigmoid"]
    """Activation after the last convolution of the Parsing Block."""
    residual_blocks: Few
    """Residual blocks before the hourglass (eq. 3)."""
    hourglass_depth: Annotated[int, Field(ge=1, le=6)]
    """Halvings inside the Parsing Block's hourglass."""
    levels: Annotated[int, Field(ge=1, le=4)] | None
    """Doublings in the fusion stage; empty is log2(scale), which ends at the HR size."""
    encoder_depth: Annotated[int, Field(ge=1, le=6)]
    """Halvings in the encoder."""
    decoder_factors: Annotated[tuple[Factor, ...], Field(min_length=1, max_length=10), LISTED]
    """Upsampling factor of each decoder step; `scale` is the scale of the training."""
    skip: Literal["size_matched", "none"]
    """`size_matched`: each decoder step also gets the latest earlier map of its size."""
    global_residual: Literal["none", "bicubic"]
    """`bicubic`: the network predicts the residual of bicubic interpolation."""
    attention_reduction: Channels
    """Channels per hidden unit of a channel attention."""
    attention_heads: Few
    """Heads of the self-attention between channels."""
    use_parsing_block: bool
    """Off: plain convolutions estimate the parsing map (Table 3)."""
    use_lpf: bool
    """Off: plain convolutions fuse image and parsing map (Table 3)."""
    use_scab: bool
    """Off: channel attention without self-attention (Table 3)."""
    scab_in_fusion: bool
    """On: also two attention blocks after each Up and Down of the fusion stage."""

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "Config":
        multiple = math.lcm(2, self.attention_heads)
        if self.width % multiple:
            raise ValueError(
                f"width is {self.width}; allowed: multiples of {multiple}"
                f" (of 2 and of attention_heads, {self.attention_heads})"
            )
        return self

    @property
    def lr_side_multiple(self) -> int:
        """Every LR side is a multiple of this: the hourglass and the encoder halve it exactly."""
        hourglass_depth = self.hourglass_depth if self.use_parsing_block else 0
        return 2 ** max(hourglass_depth, self.encoder_depth)

    def check_side(self, lr_side: int) -> None:
        """Raise ValueError if no LR image of this side (in pixels) can enter the network."""
        multiple = self.lr_side_multiple
        if lr_side < 1 or lr_side % multiple:
            raise ValueError(
                f"an LR side of {lr_side} px cannot be halved {multiple.bit_length() - 1} times, as"
                f" hourglass_depth {self.hourglass_depth} and encoder_depth {self.encoder_depth}"
                f" ask; possible: {multiple}, {2 * multiple}, {3 * multiple}, ... px"
            )

    def check(self, scale: int, lr_side: int) -> None:
        """As in Architecture; also raises ValueError for a decoder that misses the HR size."""
        Levels.of(self, scale)
        self.check_side(lr_side)


@dataclass(frozen=True)
class Levels:
    """The sizes of W-Net's maps: the side at level n is 2**n times the LR side.

    Attributes:
        enlargements: factor of each decoder step.
        fusion: levels of fusions 2 to 2L+1 (eq. 15 to 19): up to L, and back to the LR size.
        encoder, decoder: levels after each reduction and each enlargement.
        skips: levels at which a decoder step receives an earlier map.
    """

    enlargements: tuple[int, ...]
    fusion: tuple[int, ...]
    encoder: tuple[int, ...]
    decoder: tuple[int, ...]
    skips: frozenset[int]

    @classmethod
    def of(cls, config: Config, scale: int) -> "Levels":
        """The levels of a network; raises ValueError if the decoder does not end at the HR size."""
        enlargements = tuple(
            scale if factor == "scale" else factor for factor in config.decoder_factors
        )
        reached, wanted = math.prod(enlargements), 2**config.encoder_depth * scale
        if reached != wanted:
            raise ValueError(
                f"decoder_factors {config.decoder_factors} enlarge {reached} times, but an encoder"
                f" of encoder_depth {config.encoder_depth} and scale {scale} need {wanted} times"
            )
        top = config.levels or scale.bit_length() - 1
        fusion = (*range(1, top + 1), *range(top - 1, -1, -1))
        encoder = tuple(range(-1, -config.encoder_depth - 1, -1))
        decoder, level = [], -config.encoder_depth
        for factor in enlargements:
            level += factor.bit_length() - 1
            decoder.append(level)
        met = frozenset(decoder) & {*fusion, *encoder}
        skips = met if config.skip == "size_matched" else frozenset()
        return cls(enlargements, fusion, encoder, tuple(decoder), skips)
