"""W-Net: an LR face to an SR face, guided by a predicted parsing map (arXiv 2406.00676).

Every map is (B, C, H, W). A level is a size relative to the LR image: side = 2**level * LR side.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.networks.blocks import Downsampler, Upsampler, conv, enlarge
from wnet.networks.network import Network
from wnet.networks.wnet.config import Config, Levels
from wnet.networks.wnet.lpf import LPF, PlainFusion
from wnet.networks.wnet.parsing_block import ParsingBlock, PlainParsing
from wnet.networks.wnet.scab import RCAB, SCAB


def _parsing_branch(config: Config) -> nn.Module:
    if not config.use_parsing_block:
        return PlainParsing(config.width, config.parsing_channels)
    return ParsingBlock(
        width=config.width,
        parsing_channels=config.parsing_channels,
        residual_blocks=config.residual_blocks,
        hourglass_depth=config.hourglass_depth,
        attention_reduction=config.attention_reduction,
    )


def _fusion(config: Config) -> nn.Module:
    if not config.use_lpf:
        return PlainFusion(config.width, config.parsing_channels)
    return LPF(config.width, config.parsing_channels, config.attention_reduction)


def _attention_pair(config: Config) -> nn.Module:
    """The two attention blocks after a change of size."""
    width, reduction = config.width, config.attention_reduction
    if not config.use_scab:
        return nn.Sequential(RCAB(width, reduction), RCAB(width, reduction))
    heads = config.attention_heads
    return nn.Sequential(SCAB(width, reduction, heads), SCAB(width, reduction, heads))


class FusionStep(nn.Module):
    """Double or halve the features, attend, and fuse with the parsing map at the new size."""

    def __init__(self, resample: nn.Module, attention: nn.Module, fusion: nn.Module) -> None:
        super().__init__()
        self.resample = resample
        self.attention = attention
        self.fusion = fusion

    def forward(self, features: Tensor, parsing: Tensor) -> Tensor:
        return self.fusion(self.attention(self.resample(features)), parsing)


class DecoderStep(nn.Module):
    """Enlarge the features, merge an earlier map of that size if there is one, and attend."""

    def __init__(self, config: Config, factor: int, merges: bool) -> None:
        super().__init__()
        self.resample = Upsampler(config.width, factor)
        self.merge = conv(2 * config.width, config.width, 1) if merges else None
        self.attention = _attention_pair(config)

    def forward(self, features: Tensor, earlier: Tensor | None) -> Tensor:
        features = self.resample(features)
        if self.merge is not None:
            features = self.merge(torch.cat((features, earlier), 1))
        return self.attention(features)


class WNet(Network):
    """LR image to SR image and LR parsing map.

    lr: (B, 3, H, W), RGB from 0 to 1. Returns sr (B, 3, scale * H, scale * W), not clamped, for
    training, and parsing (B, parsing_channels, H, W). Raises ValueError if H or W cannot be halved
    as often as the settings require.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        self.levels = Levels.of(config, scale)
        self.parsing = _parsing_branch(config)
        self.head = conv(3 + config.parsing_channels, config.width, 3)
        self.fusion = nn.ModuleList(self._fusion_steps())
        self.encoder = nn.ModuleList(
            FusionStep(Downsampler(config.width), _attention_pair(config), _fusion(config))
            for _ in self.levels.encoder
        )
        self.decoder = nn.ModuleList(
            DecoderStep(config, factor, level in self.levels.skips)
            for factor, level in zip(self.levels.enlargements, self.levels.decoder, strict=True)
        )
        self.tail = conv(config.width, 3, 3)
        if config.global_residual == "bicubic":
            # With zeros the first SR image is the bicubic one, so training starts from the baseline
            # and not from noise. The price: the first step changes only the tail.
            nn.init.zeros_(self.tail.weight)
            nn.init.zeros_(self.tail.bias)

    def _fusion_steps(self) -> list[FusionStep]:
        """Fusions 2 to 2L+1 (eq. 15 to 19); the paper's seven at scale 8, so five at scale 4."""
        config, steps, before = self.config, [], 0
        for level in self.levels.fusion:
            up = level > before
            resample = Upsampler(config.width, 2) if up else Downsampler(config.width)
            attention = _attention_pair(config) if config.scab_in_fusion else nn.Identity()
            steps.append(FusionStep(resample, attention, _fusion(config)))
            before = level
        return steps

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        for side in lr.shape[2:]:
            self.config.check_side(side)
        parsing = self._predict_parsing(lr)
        # Not detached: SR errors also train the parsing branch (the paper's "unified framework").
        earlier = self._encode(self.head(torch.cat((lr, parsing), 1)), parsing)  # eq. 12, 14
        features = earlier[-self.config.encoder_depth]
        for level, step in zip(self.levels.decoder, self.decoder, strict=True):
            features = step(features, earlier.get(level))  # eq. 23
        sr = self.tail(features)
        if self.config.global_residual == "bicubic":
            sr = sr + enlarge(lr, self.scale)
        return {"sr": sr, "parsing": parsing}

    def _predict_parsing(self, lr: Tensor) -> Tensor:
        parsing = self.parsing(lr)
        return torch.sigmoid(parsing) if self.config.parsing_activation == "sigmoid" else parsing

    def _encode(self, features: Tensor, parsing: Tensor) -> dict[int, Tensor]:
        """The fusion stage and the encoder (eq. 15 to 22): the latest map of every level."""
        latest, resized = {}, {0: parsing}
        levels = (*self.levels.fusion, *self.levels.encoder)
        for level, step in zip(levels, (*self.fusion, *self.encoder), strict=True):
            if level not in resized:
                # Nearest in both directions (eq. 13), although the target of the parsing loss is
                # bicubic.
                resized[level] = F.interpolate(parsing, scale_factor=2.0**level, mode="nearest")
            features = step(features, resized[level])
            latest[level] = features
        return latest


NETWORK = WNet
