"""The base of all settings classes, in which each key is declared, bounded and described once.

A key's description is the string below it. params.yaml, its errors and docs/params.md come from
these classes alone.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict


class Settings(BaseModel):
    """Settings that reject unknown keys, other types and infinity; comparable and hashable."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
    )


def _zero_or_enough(value: float) -> float:
    if 0 < value < 1e-6:
        raise ValueError("give 0, or at least 1e-6: float32 rounds less to nothing")
    return value


def _without_repeats(values: tuple) -> tuple:
    if len(set(values)) != len(values):
        raise ValueError("the list has a duplicate entry")
    return values


def _whole(value: object) -> object:
    """Reject 4.0 for 4: they are equal, but would give folders different names."""
    if isinstance(value, float):
        raise ValueError("give a whole number, without a point")
    return value


LISTED = Strict(False)
"""For a tuple, which YAML and JSON write as a list."""
DISTINCT = AfterValidator(_without_repeats)

Seed = Annotated[int, Field(ge=0, lt=2**32)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Positive = Annotated[int, Field(ge=1, le=1_000_000)]
Few = Annotated[int, Field(ge=1, le=256)]
Channels = Annotated[int, Field(ge=1, le=1024)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1e6), AfterValidator(_zero_or_enough)]
Decay = Annotated[float, Field(ge=0, le=0.99999)]
"""Bounded because float32 has few numbers between 0.99999 and 1."""
Scale = Annotated[Literal[2, 4, 8, 16], BeforeValidator(_whole)]
