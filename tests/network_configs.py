"""The paper's architecture, and one small enough for tests."""

from typing import TypeVar

from wnet.networks.wnet.config import Config
from wnet.settings import Settings

Some = TypeVar("Some", bound=Settings)
PAPER = Config(
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


def changed(settings: Some, **changes) -> Some:
    """The settings with some keys changed, checked again."""
    return type(settings)(**settings.model_dump() | changes)


TINY = changed(PAPER, width=8, attention_reduction=2)
