"""Files among photographs that are skipped: one rule for the stage `crop` and `wnet upscale`."""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from wnet.photographs.formats import SUFFIX, is_picture

MADE_HERE = b"wnet upscale"  # near the beginning of every picture that `wnet upscale` writes
# What systems and programs put into folders of photographs: thumbnails, deleted files, snapshots.
_FOLDERS = frozenset(
    ("__macosx", "@eadir", "@tmp", "@recycle", "@recently-snapshot", "@sharebin", "#recycle")
    + ("#snapshot", "~snapshot", "$recycle.bin", "system volume information", "lost+found")
    + ("_vti_cnf", "@__thumb", "network trash folder", "temporary items")
)
_PREVIEWS = ".lrdata"  # Lightroom's, the end of a folder's name
# Masks of datasets of faces: CelebAMask-HQ's, and those of Helen by Smith et al.
_MASK_FOLDER = re.compile(r"celebamask-hq-mask(-\w+)*")
_MASK = re.compile(
    r"\d+_(skin|nose|[lr]_(brow|eye|ear)|eye_g|ear_r|mouth|[ul]_lip|hair|hat|neck|neck_l|cloth)\.png"
    r"|.+_lbl\d\d\.png"
)
_LIBRARY, _ORIGINALS = ".photoslibrary", ("originals", "masters")  # of Apple's Photos
# An edited version, beside its original: by Apple `IMG_E1234` of `IMG_1234`, by Google `-edited`.
_EDITED = re.compile(r"(?P<before>.*\bimg_)e(?P<number>\d+)|(?P<stem>.+)-edited")
RESULTS = (".png", ".jpg", ".webp")  # suffixes of what `wnet upscale` writes
_THUMBNAIL = ".thm"  # of a camera, beside a film


def is_passed_over(name: str) -> bool:
    """Whether a path is hidden, in a folder that a system keeps for itself, or a thumbnail's."""
    parts = PurePosixPath(name.lower()).parts
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    library = next((at for at, part in enumerate(parts) if part.endswith(_LIBRARY)), len(parts))
    return (
        hidden
        or any(map(_MASK_FOLDER.fullmatch, parts))
        or _MASK.fullmatch(PurePosixPath(name.lower()).name) is not None
        or (len(parts) > library + 1 and parts[library + 1] not in _ORIGINALS)
        or not _FOLDERS.isdisjoint(parts)
        or any(part.endswith(_PREVIEWS) for part in parts)
        or name.lower().endswith(_THUMBNAIL)
    )


def edited_among(names: Iterable[str]) -> set[str]:
    """Those that are edited versions of another of the photographs."""
    stems = {name: PurePosixPath(name.lower()).with_suffix("").as_posix() for name in names}
    there = set(stems.values())
    found = {name: _EDITED.fullmatch(stem) for name, stem in stems.items()}
    return {
        name
        for name, match in found.items()
        if match and (match["stem"] or f"{match['before']}{match['number']}") in there
    }


def has_suffix(name: str) -> bool:
    """Whether a file is named like a photograph."""
    return SUFFIX.search(name) is not None


def is_photograph(name: str, head: Callable[[str], bytes]) -> bool:
    """Whether a file is a photograph, by its suffix or, if that is not conclusive, its first bytes.

    Results of `wnet upscale` are not.
    """
    if name.lower().endswith(RESULTS):
        return MADE_HERE not in head(name)
    return has_suffix(name) or is_picture(head(name))
