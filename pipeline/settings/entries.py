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
    """A dataset of a pool, and its split."""

    dataset: Name
    split: Name


class Pool(Settings):
    """The faces of two datasets as one dataset to train on.

    A third dataset is added by a pool of the first pool, whose split is `members`.
    """

    of: Annotated[tuple[Member, Member], LISTED]
    near_copies: Literal["listed", "left out"] = "listed"
    """Training faces that are almost the same image as a held-out face of the other dataset are
    `listed`, or `left out` of the train set."""


class SplitItem(Settings):
    """A dataset divided by a rule of its recipe."""

    dataset: Name
    split: Name


class Training(Settings):
    """A run trained on a split of a dataset at a scale.

    With the recipe `original`, the `train` settings of the run apply; with `equal`, the epochs,
    batch, optimizer and flips of the run `equal_to`. `epochs` and `learning_rate` override these,
    to compare networks that are trained for the same time, each with a suitable rate.
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
        """The `train` settings of this training alone."""
        own = {"epochs": self.epochs, "learning_rate": self.learning_rate}
        return {key: value for key, value in own.items() if value is not None}

    @property
    def recipe(self) -> str:
        """The recipe in words."""
        words = [f"equal: trained as {self.equal_to}" if self.equal_to else "original"]
        if self.epochs is not None:
            words.append(f"for {counted(self.epochs, 'epoch')}")
        if self.learning_rate is not None:
            words.append(f"learning rate {self.learning_rate:g}")
        return ", ".join(words)


MEMBERS = "members"
"""The only split of a pool: each of its datasets keeps its own."""


BICUBIC = "bicubic"
"""The `training` of an evaluation of bicubic interpolation."""


class Comparison(Settings):
    """The evaluations on the test faces of one split at one scale."""

    dataset: Name
    split: Name
    scale: Scale

    @property
    def set_name(self) -> str:
        """The name of the test set, among the comparisons and in results/."""
        return f"{self.dataset}-{self.split}-x{self.scale}"


class Evaluation(Comparison):
    """A training's network, or bicubic interpolation, evaluated on the test faces of a split."""

    training: Name

    @property
    def has_network(self) -> bool:
        """Whether a trained network is evaluated, not bicubic interpolation."""
        return self.training != BICUBIC


class Active(Settings):
    """The entries that dvc.yaml makes stages of. A block may be absent; DVC refuses an empty
    one."""

    datasets: Annotated[tuple[Name, ...], Field(min_length=1), LISTED, DISTINCT]
    pools: Block[Pool]
    pyramids: Block[Pyramid]
    splits: Block[SplitItem]
    trainings: Block[Training]
    evaluations: Block[Evaluation]
    comparisons: Block[Comparison]


class Inactive(Settings):
    """Entries that are not run. They may be incomplete, and are not checked for consistency."""

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
    """Runs to train on the same faces and compare; `wnet compare` activates them.

    Attributes:
        runs: each is trained at each of `scales` on the split `split` of `dataset`.
        tested_on: splits by dataset; empty means the split that they are trained on.
        equal_to: that of every training; see `Training`.
        epochs, learning_rates: by run, overriding those of `equal_to`.
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
