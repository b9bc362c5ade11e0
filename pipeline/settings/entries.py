"""The entries of params.yaml: the items of each stage, by name, and what they are made of."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from pipeline.settings.names import Block, EmptyBlock, Name
from wnet.counted import counted
from wnet.settings import DISTINCT, LISTED, Positive, Scale, Settings
from wnet.training.settings import Rate


class Pyramid(Settings):
    """A dataset reduced by a scale."""

    dataset: Name
    scale: Scale


class Member(Settings):
    """A dataset of a pool, and by which of its splits its faces train, validate and test."""

    dataset: Name
    split: Name


class Pool(Settings):
    """The faces of two datasets as those of one, to train on.

    A third joins as a pool of the first pool, whose split is `members`.
    """

    of: Annotated[tuple[Member, Member], LISTED]
    near_copies: Literal["listed", "left out"] = "listed"
    """Training faces that are nearly the same picture as one that the other dataset holds out:
    listed, or left out of the training."""


class SplitItem(Settings):
    """A dataset divided by a rule of its recipe."""

    dataset: Name
    split: Name


class Training(Settings):
    """A run on a split of a dataset at a scale.

    By the recipe `original` it is trained as the run says, and by `equal` as the run `equal_to`
    says under `train`: with the epochs, batch, optimizer and flips of what it is compared with.
    `epochs` and `learning_rate` count in their place where networks are compared that are trained
    equally long, each at a rate that suits it.
    """

    run: Name
    dataset: Name
    split: Name
    scale: Scale
    equal_to: Name | None = None
    epochs: Positive | None = None
    learning_rate: Rate | None = None

    @property
    def own(self) -> dict[str, int | float]:
        """What of `train` is this training's own."""
        own = {"epochs": self.epochs, "learning_rate": self.learning_rate}
        return {key: value for key, value in own.items() if value is not None}

    @property
    def recipe(self) -> str:
        """Which of the two, in words."""
        words = [f"equal: trained as {self.equal_to}" if self.equal_to else "original"]
        if self.epochs is not None:
            words.append(f"for {counted(self.epochs, 'epoch')}")
        if self.learning_rate is not None:
            words.append(f"learning rate {self.learning_rate:g}")
        return ", ".join(words)


MEMBERS = "members"
"""The one split of a pool: each of its datasets as it is divided itself."""


BICUBIC = "bicubic"
"""What an evaluation of bicubic interpolation has in the place of a training."""


class Comparison(Settings):
    """Everything that is evaluated on the test faces of one split at one scale."""

    dataset: Name
    split: Name
    scale: Scale

    @property
    def set_name(self) -> str:
        """What these faces are called: among the comparisons, and in results/."""
        return f"{self.dataset}-{self.split}-x{self.scale}"


class Evaluation(Comparison):
    """A training's network, or bicubic interpolation, on the test faces of a split."""

    training: Name

    @property
    def learnt(self) -> bool:
        """Whether a network is evaluated: bicubic interpolation has learnt nothing."""
        return self.training != BICUBIC


class Active(Settings):
    """What dvc.yaml makes stages of. A block may be absent; DVC refuses one that is empty."""

    datasets: Annotated[tuple[Name, ...], Field(min_length=1), LISTED, DISTINCT]
    pools: Block[Pool]
    pyramids: Block[Pyramid]
    splits: Block[SplitItem]
    trainings: Block[Training]
    evaluations: Block[Evaluation]
    comparisons: Block[Comparison]


class Inactive(Settings):
    """The same in waiting, of which nothing is made: any of it may be there, and fit nothing."""

    datasets: Annotated[
        tuple[Name, ...],
        LISTED,
        DISTINCT,
        BeforeValidator(lambda names: () if names is None else names),
    ] = ()
    pools: EmptyBlock[Pool]
    pyramids: EmptyBlock[Pyramid]
    splits: EmptyBlock[SplitItem]
    trainings: EmptyBlock[Training]
    evaluations: EmptyBlock[Evaluation]
    comparisons: EmptyBlock[Comparison]


class NetworkSet(Settings):
    """Runs that are trained on the same faces and compared, once `wnet compare` makes them active.

    Attributes:
        runs: each is trained at each of `scales` on the split `split` of `dataset`.
        tested_on: splits by dataset; empty is the split that they are trained on.
        equal_to: of every training; see `Training`.
        epochs, learning_rates: by run, in the place of those of `equal_to`.
    """

    runs: Annotated[tuple[Name, ...], Field(min_length=1), LISTED, DISTINCT]
    dataset: Name
    split: Name
    scales: Annotated[tuple[Scale, ...], Field(min_length=1), LISTED, DISTINCT]
    tested_on: EmptyBlock[Name]
    equal_to: Name | None = None
    epochs: EmptyBlock[Positive]
    learning_rates: EmptyBlock[Rate]

    @model_validator(mode="after")
    def _by_its_own_runs(self) -> "NetworkSet":
        for key in ("epochs", "learning_rates"):
            if others := sorted(getattr(self, key).keys() - set(self.runs)):
                raise ValueError(f"{key} has {', '.join(others)}, not among runs")
        return self
