"""What the faces of a photograph are called."""

import re


def face_key(photograph: str, rank: int) -> str:
    """The key of a face: the photograph's name, and `#2` and so on for its further faces."""
    return photograph if rank == 0 else f"{photograph}#{rank + 1}"


def photograph_of(key: str) -> str:
    """The name of the photograph that a face is from."""
    return re.sub(r"#\d+$", "", key)
