"""Names, and blocks of named entries, in params.yaml.

Names become parts of commands and paths, so they are letters, digits, `_` and `-`.
"""

from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field

_NAME, _FILE = r"^[A-Za-z0-9][A-Za-z0-9_-]*$", r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_PATH = r"^[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*)*$"
_DIGEST = r"^[0-9a-f]{8,64}$"
IN_WORDS = {
    _NAME: "a name has letters without accents, digits, _ and -, a letter or digit first",
    _FILE: "a file name has letters without accents, digits, dots, _ and -",
    _PATH: "a path has letters without accents, digits, spaces, dots, _, - and /, and begins with"
    " a letter, a digit or _",
    _DIGEST: "a digest has 8 to 64 of the signs 0-9 and a-f",
}
Name = Annotated[str, Field(pattern=_NAME, max_length=64)]
FileName = Annotated[str, Field(pattern=_FILE, max_length=200)]
FilePath = Annotated[str, Field(pattern=_PATH, max_length=200)]
Digest = Annotated[str, Field(pattern=_DIGEST)]
Entry = TypeVar("Entry")
Block = Annotated[dict[Name, Entry], Field(default_factory=dict)]
"""Entries by name; the block may be absent."""
EmptyBlock = Annotated[
    dict[Name, Entry],
    Field(default_factory=dict),
    BeforeValidator(lambda entries: {} if entries is None else entries),
]
"""A Block that may also be null, which is how YAML reads a key with nothing below it."""
