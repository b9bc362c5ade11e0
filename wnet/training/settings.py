"""How a network is taught: what settings choose of the loss and the schedule, without torch."""

from typing import Annotated, Literal

from pydantic import Field

from wnet.settings import Decay, Positive, Seed, Settings, Weight


class LossWeights(Settings):
    """Weights of the terms of eq. 29 (0 removes a term), and the norm of pixel errors."""

    pixel_norm: Literal["l2", "l1"]
    """Of eq. 24 and of the pixel part of eq. 27: `l2`, the mean square, or `l1`."""
    pixel: Weight
    """Weight of the whole image (eq. 24)."""
    parsing: Weight
    """Weight of the parsing map at LR size (eq. 25)."""
    key_regions: Weight
    """The paper's lambda: eyes, eyebrows, nose and mouth together (eq. 28)."""
    perceptual: Weight
    """Inside the key regions, the feature distance over the pixel distance (eq. 27)."""


class Schedule(Settings):
    """How long, how fast and in which arithmetic to learn."""

    seed: Seed
    """Of the initial weights, the order of the faces and of mirroring."""
    epochs: Positive
    """Passes over the training faces."""
    batch: Annotated[int, Field(ge=1, le=65536)]
    """Faces a step, over all processes together."""
    learning_rate: Annotated[float, Field(ge=1e-9, le=1)]
    """Of Adam, at the start."""
    beta1: Decay
    """Adam's decay of the mean gradient."""
    beta2: Decay
    """Adam's decay of the mean squared gradient."""
    epsilon: Annotated[float, Field(ge=1e-12, le=1)]
    """Adam's; less than 1e-12 is 0 in float32, and 0 / 0 is not a number."""
    schedule: Literal["constant", "cosine"]
    """The learning rate stays (`constant`) or falls to 0 along half a cosine."""
    flip: bool
    """Mirror half of the faces, drawn at random."""
    precision: Literal["fp32", "bf16"]
    """Of the network; `bf16` leaves attention weights, norms and losses in float32."""
    clip_norm: Weight
    """Longer gradients are shortened to this length; 0 leaves them."""
    ema: Decay
    """Decay, a step, of a moving average of the weights, which is what is validated and kept in
    their place; 0 is no average."""
    validate_every: Positive
    """Epochs between validations."""
