"""Settings of the training of a network: its loss and its schedule. Imports no torch."""

from typing import Annotated, Literal

from pydantic import Field

from wnet.settings import LISTED, Decay, Positive, Seed, Settings, Share, Weight

Rate = Annotated[float, Field(ge=1e-9, le=1)]
PRECISIONS = ("fp32", "bf16")
RateStep = Annotated[tuple[Share, Weight], LISTED]


class Weights(Settings):
    """The base of the settings of all losses."""

    def problem(self) -> str:
        """Why it cannot be used for training, beginning with the key; empty if it can."""
        return ""

    def files(self) -> dict[str, str]:
        """Keys in `weights` of the pretrained files that it needs, each with the key needing it."""
        return {}


class Loss(Weights):
    """The loss of a network without an objective of its own."""

    pixel_norm: Literal["l2", "l1"]
    """Norm of pixel errors: `l2`, the mean square, or `l1`."""


class Adversarial(Weights):
    """Additional settings of a loss with a discriminator."""

    adversarial: Weight
    """Weight of the adversarial term; 0 means no discriminator."""
    adversarial_from: Share
    """Fraction of the training from which the adversarial term is used and the discriminator is
    trained."""
    discriminator_rate: Rate
    """Initial learning rate of the discriminator."""
    discriminator_schedule: Literal["same", "constant"]
    """The discriminator's learning rate follows the network's schedule (`same`) or stays
    `constant`."""


class Schedule(Settings):
    """The schedule of a training: epochs, batches, optimizer, learning rate and precision."""

    seed: Seed
    """Seed of the initial weights, the order of the faces and the mirroring."""
    epochs: Positive
    """Passes over the training faces."""
    batch: Annotated[int, Field(ge=1, le=65536)]
    """Faces per step, over all processes together."""
    optimizer: Literal["adam", "rmsprop"]
    """Optimizer of the network and of the discriminator, if `loss` has one."""
    learning_rate: Rate
    """Initial learning rate."""
    beta1: Decay
    """Adam's decay of the mean gradient; RMSprop has none."""
    beta2: Decay
    """Decay of the mean squared gradient."""
    epsilon: Annotated[float, Field(ge=1e-12, le=1)]
    """Epsilon of the optimizer; below 1e-12 it would be 0 in float32, and 0 / 0 is NaN."""
    schedule: Literal["constant", "cosine"]
    """The learning rate stays `constant`, or falls to 0 along half a `cosine`."""
    rate_steps: Annotated[tuple[RateStep, ...], LISTED]
    """Pairs: the fraction of the training from which, and the factor by which, the learning rate is
    multiplied."""
    flip: bool
    """Mirror each face with a probability of one half."""
    precision: Literal["fp32", "bf16", "auto"]
    """Precision of the network; `bf16` keeps attention weights, norms and losses in float32. `auto`
    is the faster by a few steps of each, recorded in metrics/precision/ for later runs."""
    clip_norm: Weight
    """Gradients with a larger norm are scaled down to this norm; 0 means no clipping."""
    ema: Decay
    """Decay per step of a moving average of the weights, which is then validated and kept instead
    of them; 0 means no average."""
    validate_every: Positive
    """Epochs between validations."""
