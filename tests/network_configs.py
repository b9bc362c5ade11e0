"""The paper's architecture, and one small enough for tests."""

from dataclasses import replace

from wnet.networks.config import WNetConfig

PAPER = WNetConfig(
    scale=8,
    width=64,
    parsing_channels=3,
    parsing_activation="none",
    residual_blocks=1,
    hourglass_depth=4,
    levels=None,
    encoder_depth=3,
    decoder_factors=(2, 2, 2, "scale"),
    skip="size_matched",
    global_residual="none",
    attention_reduction=16,
    attention_heads=4,
    use_parsing_block=True,
    use_lpf=True,
    use_scab=True,
    scab_in_fusion=False,
)
TINY = replace(PAPER, scale=4, width=8, attention_reduction=2)
