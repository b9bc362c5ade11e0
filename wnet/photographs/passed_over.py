"""What is found among photographs and is none: one rule for the stage `crop` and `wnet upscale`."""

from collections.abc import Callable
from pathlib import PurePosixPath

from wnet.photographs.formats import SUFFIX, is_picture

MADE_HERE = b"wnet upscale"  # in every picture that command writes, near its beginning
# What systems and programs put into folders of photographs: thumbnails, deleted files, snapshots.
_FOLDERS = frozenset(
    ("__macosx", "@eadir", "@tmp", "@recycle", "@recently-snapshot", "@sharebin", "#recycle")
    + ("#snapshot", "~snapshot", "$recycle.bin", "system volume information", "lost+found")
    + ("_vti_cnf", "@__thumb", "network trash folder", "temporary items")
)
_PREVIEWS = ".lrdata"  # Lightroom's, the end of a folder's name
RESULTS = (".png", ".jpg", ".webp")  # suffixes of what `wnet upscale` writes
_THUMBNAIL = ".thm"  # of a camera, beside a film


def is_passed_over(name: str) -> bool:
    """Whether a path is hidden, in a folder that some system keeps for itself, or a thumbnail's."""
    parts = PurePosixPath(name.lower()).parts
    hidden = any(part.startswith(".") and part != ".." for part in parts)
    return (
        hidden
        or not _FOLDERS.isdisjoint(parts)
        or any(part.endswith(_PREVIEWS) for part in parts)
        or name.lower().endswith(_THUMBNAIL)
    )


def has_suffix(name: str) -> bool:
    """Whether a file is called like a photograph."""
    return SUFFIX.search(name) is not None


def is_photograph(name: str, head: Callable[[str], bytes]) -> bool:
    """By its suffix, or by its first bytes where that says nothing; none are our own results."""
    if name.lower().endswith(RESULTS):
        return MADE_HERE not in head(name)
    return has_suffix(name) or is_picture(head(name))
