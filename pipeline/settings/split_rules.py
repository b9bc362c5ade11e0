"""The rules by which a dataset is divided into train, validation and test sets."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.settings.names import FilePath
from wnet.settings import Count, Seed, Settings, Share

Subset = Literal["train", "validation", "test"]


class Fractions(Settings):
    """A random split of names, or of identities."""

    by: Literal["fractions"]
    """The rule."""
    seed: Seed
    """Seed of the random order."""
    validation: Share
    """Fraction of the faces in the validation set."""
    test: Share
    """Fraction of the faces in the test set; the rest are the train set."""
    identities: FilePath | None
    """A list of names and persons, stored with the photographs; no person is then in two sets."""
    near_copies: Literal["listed", "together"]
    """Near copies, faces that are almost the same image: `listed` if they are in two sets, or kept
    `together` in one."""

    @model_validator(mode="after")
    def _fits(self) -> "Fractions":
        if self.validation + self.test > 1:
            raise ValueError("validation and test add up to more than 1")
        return self


class Last(Settings):
    """A split by order (2.jpg before 10.jpg): the last faces are the test set, those before them
    the validation set."""

    by: Literal["last"]
    """The rule."""
    train: Count
    """Largest number of faces in the train set, from the first on."""
    validation: Count
    """Number of faces in the validation set."""
    test: Count
    """Number of faces in the test set."""


class First(Settings):
    """A split by order: the first faces are the train set, the next the test set."""

    by: Literal["first"]
    """The rule."""
    train: Count
    """Number of faces in the train set."""
    test: Count
    """Number of faces in the test set."""
    validation: Count
    """Number of faces in the validation set."""
    validation_before_last: Count
    """Validation faces are taken from before this many last faces."""


class Lists(Settings):
    """A split by lists of names, stored with the photographs; an empty key means an empty set."""

    by: Literal["lists"]
    """The rule."""
    train: FilePath | None
    """The file that lists the train set."""
    validation: FilePath | None
    """The file that lists the validation set."""
    test: FilePath | None
    """The file that lists the test set."""


class Partition(Settings):
    """The split of CelebA's list_eval_partition: 0 is the train, 1 the validation, 2 the test
    set."""

    by: Literal["partition"]
    """The rule."""


class All(Settings):
    """No split: every face is in the test set."""

    by: Literal["all"]
    """The rule."""


Split = Annotated[Fractions | Last | First | Lists | Partition | All, Field(discriminator="by")]
