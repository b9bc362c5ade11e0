"""The paper's architecture, one small enough for tests, and a short schedule."""

from typing import TypeVar

from wnet.networks.wnet.config import Config
from wnet.settings import Settings
from wnet.training.settings import Schedule

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
SCHEDULE = Schedule(
    seed=1, epochs=2, batch=2, optimizer="adam", learning_rate=1e-3, beta1=0.9, beta2=0.99,
    epsilon=1e-8, schedule="cosine", rate_steps=(), flip=True, precision="fp32", clip_norm=0.0,
    ema=0.0, validate_every=1,
)  # fmt: skip
