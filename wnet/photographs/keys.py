"""The keys of a photograph's faces."""

import re


def face_key(photograph: str, rank: int) -> str:
    """The key of a face: the photograph's name, with `#2` and so on for its other faces."""
    return photograph if rank == 0 else f"{photograph}#{rank + 1}"


def photograph_of(key: str) -> str:
    """The name of the photograph of a face."""
    return re.sub(r"#\d+$", "", key)
