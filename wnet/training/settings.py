"""How a network is taught: what settings choose of the loss and the schedule, without torch."""

from typing import Annotated, Literal

from pydantic import Field

from wnet.settings import LISTED, Decay, Positive, Seed, Settings, Share, Weight

Rate = Annotated[float, Field(ge=1e-9, le=1)]
RateStep = Annotated[tuple[Share, Weight], LISTED]


class Weights(Settings):
    """What the settings of every loss can be asked."""

    def problem(self) -> str:
        """Why nothing can be trained by it, beginning with the key; empty where something can."""
        return ""

    def files(self) -> dict[str, str]:
        """Roles of the pretrained weights that it loads, each with the key that asks for it."""
        return {}


class Loss(Weights):
    """Of a network that has no objective of its own."""

    pixel_norm: Literal["l2", "l1"]
    """Of pixel errors: `l2`, the mean square, or `l1`."""


class Adversarial(Weights):
    """What a loss with a discriminator also has."""

    adversarial: Weight
    """Weight of what the discriminator says of SR faces; 0 leaves the discriminator out."""
    adversarial_from: Share
    """From which share of the training on it counts, and the discriminator learns."""
    discriminator_rate: Rate
    """The discriminator's learning rate at the start."""
    discriminator_schedule: Literal["same", "constant"]
    """The discriminator's learning rate goes as the network's (`same`) or stays (`constant`)."""


class Schedule(Settings):
    """How long, how fast and in which arithmetic to learn."""

    seed: Seed
    """Of the initial weights, the order of the faces and of mirroring."""
    epochs: Positive
    """Passes over the training faces."""
    batch: Annotated[int, Field(ge=1, le=65536)]
    """Faces a step, over all processes together."""
    optimizer: Literal["adam", "rmsprop"]
    """Of the network, and of a discriminator where `loss` has one."""
    learning_rate: Rate
    """At the start."""
    beta1: Decay
    """Adam's decay of the mean gradient; RMSprop has none."""
    beta2: Decay
    """Decay of the mean squared gradient."""
    epsilon: Annotated[float, Field(ge=1e-12, le=1)]
    """The optimizer's; less than 1e-12 is 0 in float32, and 0 / 0 is not a number."""
    schedule: Literal["constant", "cosine"]
    """The learning rate stays (`constant`) or falls to 0 along half a cosine."""
    rate_steps: Annotated[tuple[RateStep, ...], LISTED]
    """Pairs: from which share of the training on, by what the learning rate is multiplied."""
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
