"""What the sections of params.yaml are made of: a strict base, and types with their ranges."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _nothing_or_something(value: float) -> float:
    if 0 < value < 1e-6:
        raise ValueError("give 0, or at least 1e-6: float32 makes nothing of less")
    return value


def distinct(values: list) -> list:
    """The list as it is, where nothing stands in it twice."""
    if len(set(values)) != len(values):
        raise ValueError("an entry stands twice")
    return values


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)]
FilePath = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*)*$", max_length=200
    ),
]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Positive = Annotated[int, Field(ge=1, le=1_000_000)]
Few = Annotated[int, Field(ge=1, le=256)]
Channels = Annotated[int, Field(ge=1, le=1024)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1e6), AfterValidator(_nothing_or_something)]
Decay = Annotated[float, Field(ge=0, le=0.99999)]  # float32 knows few numbers between this and 1
Scale = Literal[2, 4, 8, 16]


class Section(BaseModel):
    """A section of the file: no unknown key, no other type, no infinity."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
