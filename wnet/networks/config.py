"""What a params file may choose about a network and its loss, checked without torch."""

import math
from dataclasses import dataclass, fields
from typing import Literal, get_args

ParsingActivation = Literal["none", "sigmoid"]
Skip = Literal["size_matched", "none"]
GlobalResidual = Literal["none", "bicubic"]
PixelNorm = Literal["l2", "l1"]


def _is_power_of_two(value: int) -> bool:
    return value >= 1 and value & (value - 1) == 0


def _check_scale(scale: int) -> None:
    if scale < 2 or not _is_power_of_two(scale):
        raise ValueError(f"scale is {scale}; allowed: 2, 4, 8, 16, ...")


@dataclass(frozen=True, kw_only=True)
class WNetConfig:
    """The architecture of one W-Net; an impossible combination raises ValueError.

    docs/decisions.md says where the paper leaves each choice open.
    """

    scale: int
    """HR side over LR side: a power of two; the paper's are 4 and 8."""
    width: int
    """Channels of every feature map: a multiple of 2 and of `attention_heads`."""
    parsing_channels: int
    """Channels of the parsing map: 3 equal ones in the paper (eq. 8), or 1."""
    parsing_activation: ParsingActivation
    residual_blocks: int
    """Residual blocks before the hourglass (eq. 3)."""
    hourglass_depth: int
    """Halvings inside the Parsing Block's hourglass."""
    levels: int | None
    """Doublings in the fusion stage; None is log2(scale), which ends at the HR size."""
    encoder_depth: int
    """Halvings in the encoder."""
    decoder_factors: tuple[int | Literal["scale"], ...]
    """Enlargement of each decoder step; `scale` stands for the value of that key."""
    skip: Skip
    """`size_matched`: a decoder step also sees the latest earlier map of its size."""
    global_residual: GlobalResidual
    """`bicubic`: the network predicts what bicubic interpolation misses."""
    attention_reduction: int
    """Channels per hidden unit of a channel attention."""
    attention_heads: int
    use_parsing_block: bool
    use_lpf: bool
    use_scab: bool
    scab_in_fusion: bool
    """Also puts two attention blocks after each Up and Down of the fusion stage."""

    def __post_init__(self) -> None:
        self._check_words()
        self._check_numbers()
        self._check_decoder()

    def _check_words(self) -> None:
        for key, words in (
            ("parsing_activation", get_args(ParsingActivation)),
            ("skip", get_args(Skip)),
            ("global_residual", get_args(GlobalResidual)),
        ):
            if getattr(self, key) not in words:
                raise ValueError(f"{key} is {getattr(self, key)!r}; allowed: {words}")

    def _check_numbers(self) -> None:
        _check_scale(self.scale)
        if self.parsing_channels not in (1, 3):
            raise ValueError(f"parsing_channels is {self.parsing_channels}; allowed: 1 or 3")
        counts = "residual_blocks hourglass_depth encoder_depth attention_reduction attention_heads"
        for key in counts.split():
            if getattr(self, key) < 1:
                raise ValueError(f"{key} is {getattr(self, key)}; allowed: 1 or more")
        if self.levels is not None and self.levels < 1:
            raise ValueError(f"levels is {self.levels}; allowed: null (log2 of scale) or from 1")
        multiple = math.lcm(2, self.attention_heads)
        if self.width < 1 or self.width % multiple:
            raise ValueError(
                f"width is {self.width}; allowed: multiples of {multiple}"
                f" (of 2 and of attention_heads, {self.attention_heads})"
            )

    def _check_decoder(self) -> None:
        for factor in self.decoder_factors:
            if factor == "scale":
                continue
            if not isinstance(factor, int) or factor < 2 or not _is_power_of_two(factor):
                raise ValueError(
                    f"decoder_factors holds {factor!r}; allowed: 2, 4, 8, ... or the word 'scale'"
                )
        reached, wanted = math.prod(self.enlargements), 2**self.encoder_depth * self.scale
        if reached != wanted:
            raise ValueError(
                f"decoder_factors {self.decoder_factors} enlarge {reached} times, but an encoder"
                f" of encoder_depth {self.encoder_depth} and scale {self.scale} need {wanted} times"
            )

    @property
    def enlargements(self) -> tuple[int, ...]:
        """`decoder_factors` with the word `scale` replaced by its value."""
        return tuple(self.scale if factor == "scale" else factor for factor in self.decoder_factors)

    # A "level" is the size of a map relative to the LR image: its side is 2**level LR sides.

    @property
    def fusion_levels(self) -> tuple[int, ...]:
        """Levels of fusions 2 to 2L+1 (eq. 15 to 19): up to L, and back to the LR size."""
        top = self.levels or self.scale.bit_length() - 1
        return (*range(1, top + 1), *range(top - 1, -1, -1))

    @property
    def encoder_levels(self) -> tuple[int, ...]:
        """Levels after each reduction of the encoder."""
        return tuple(range(-1, -self.encoder_depth - 1, -1))

    @property
    def decoder_levels(self) -> tuple[int, ...]:
        """Levels after each enlargement of the decoder."""
        levels, level = [], -self.encoder_depth
        for factor in self.enlargements:
            level += factor.bit_length() - 1
            levels.append(level)
        return tuple(levels)

    @property
    def skip_levels(self) -> frozenset[int]:
        """Levels at which a decoder step receives an earlier map."""
        if self.skip == "none":
            return frozenset()
        return frozenset(self.decoder_levels) & {*self.fusion_levels, *self.encoder_levels}

    @property
    def lr_side_multiple(self) -> int:
        """Every LR side is a multiple of this: the hourglass and the encoder halve it exactly."""
        hourglass_depth = self.hourglass_depth if self.use_parsing_block else 0
        return 2 ** max(hourglass_depth, self.encoder_depth)

    def check_lr_side(self, side: int) -> None:
        """Raise ValueError if no LR image of this side (in pixels) can enter the network."""
        multiple = self.lr_side_multiple
        if side < 1 or side % multiple:
            raise ValueError(
                f"an LR side of {side} px cannot be halved {multiple.bit_length() - 1} times, as"
                f" hourglass_depth {self.hourglass_depth} and encoder_depth {self.encoder_depth}"
                f" ask; possible: {multiple}, {2 * multiple}, {3 * multiple}, ... px"
            )


@dataclass(frozen=True, kw_only=True)
class BaselineConfig:
    """What the networks that W-Net is compared with have in common; bad values raise ValueError."""

    scale: int

    def __post_init__(self) -> None:
        _check_scale(self.scale)
        for field in fields(self):
            value = getattr(self, field.name)
            if min(value if isinstance(value, tuple) else (value,)) <= 0:
                raise ValueError(f"{field.name} is {value}; allowed: more than 0")

    def check_lr_side(self, side: int) -> None:
        """Raise ValueError if no LR image of this side (in pixels) can enter the network."""
        if side < 1:
            raise ValueError(f"an LR side of {side} px is none")


@dataclass(frozen=True, kw_only=True)
class SRCNNConfig(BaselineConfig):
    """SRCNN's kernels and channels."""

    kernels: tuple[int, int, int]
    """Odd sides of the three convolutions' kernels: 9, 1, 5 or 9, 5, 5 in the paper."""
    channels: tuple[int, int]
    """After the first and the second convolution: 64 and 32 in the paper."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.kernels) != 3 or len(self.channels) != 2:
            raise ValueError("kernels are three numbers, and channels two")
        if not all(kernel % 2 for kernel in self.kernels):
            raise ValueError(f"kernels are {self.kernels}; allowed: odd numbers")


@dataclass(frozen=True, kw_only=True)
class VDSRConfig(BaselineConfig):
    """VDSR's width and depth."""

    width: int
    depth: int
    """Convolutions: 20 in the paper."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.depth < 2:
            raise ValueError(f"depth is {self.depth}; allowed: 2 or more")


@dataclass(frozen=True, kw_only=True)
class EDSRConfig(BaselineConfig):
    """EDSR's width, blocks and scale of their residuals."""

    width: int
    blocks: int
    """Residual blocks: 16 in EDSR-baseline, 32 of width 256 in EDSR."""
    residual_scale: float
    """1 in EDSR-baseline, 0.1 in EDSR."""


NetworkConfig = WNetConfig | SRCNNConfig | VDSRConfig | EDSRConfig


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """Weights of eq. 29, each 0 or more (0 removes the term), and the norm of pixel errors."""

    pixel_norm: PixelNorm
    """Of eq. 24 and of the pixel part of eq. 27: `l2`, the mean square, or `l1`."""
    pixel: float
    """The whole image (eq. 24)."""
    parsing: float
    """The parsing map at LR size (eq. 25)."""
    key_regions: float
    """The paper's lambda: eyes, eyebrows, nose and mouth together (eq. 28)."""
    perceptual: float
    """Inside the key regions, the feature distance over the pixel distance (eq. 27)."""

    def __post_init__(self) -> None:
        if self.pixel_norm not in get_args(PixelNorm):
            raise ValueError(f"pixel_norm is {self.pixel_norm!r}; allowed: {get_args(PixelNorm)}")
        for field in fields(self)[1:]:
            weight = getattr(self, field.name)
            if not 0 <= weight < math.inf:
                raise ValueError(f"{field.name} is {weight}; allowed: finite numbers from 0")
