"""Names, and blocks of named entries, in params.yaml.

Names become parts of commands and paths, so they are letters, digits, `_` and `-`.
"""

from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)]
FilePath = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*)*$", max_length=200
    ),
]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
Entry = TypeVar("Entry")
Block = Annotated[dict[Name, Entry], Field(default_factory=dict)]
"""Entries by name; the block may be absent."""
EmptyBlock = Annotated[
    dict[Name, Entry],
    Field(default_factory=dict),
    BeforeValidator(lambda entries: {} if entries is None else entries),
]
"""A Block that may also be null, which is how YAML reads a key with nothing below it."""
