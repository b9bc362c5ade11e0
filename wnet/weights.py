"""Pretrained weights that others publish: where a file lies, and what to do where it does not.

Nothing is fetched from here. A file is looked for in `weights/`, then in torch hub's cache.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("weights")


@dataclass(frozen=True)
class WeightsFile:
    """One published file; `sha256` is as much of its digest as the publisher gives."""

    name: str
    url: str
    sha256: str


# torchvision's IMAGENET1K_V1 of VGG-19; torchvision names its files by the digest's beginning.
VGG19 = WeightsFile(
    "vgg19-dcbb9e9d.pth", "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth", "dcbb9e9d"
)


class MissingWeights(Exception):
    """A file that is not there or not what it should be; the message says how to get it."""


def find(file: WeightsFile) -> Path:
    """Where the file lies, its content unread; raises MissingWeights."""
    folders = (FOLDER, _torch_hub() / "checkpoints")
    for folder in folders:
        if (folder / file.name).is_file():
            return folder / file.name
    raise MissingWeights(
        f"{file.name} is neither in {folders[0]}/ nor in {folders[1]}; put {file.url} into"
        f" {folders[0]}/"
    )


def verified(file: WeightsFile) -> Path:
    """Where the file lies, once its digest is found to be right; raises MissingWeights."""
    path = find(file)
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if not digest.startswith(file.sha256):
        raise MissingWeights(
            f"{path}: its SHA-256 begins {digest[:8]}, not {file.sha256}: an incomplete download or"
            f" another file; replace it by {file.url}"
        )
    return path


def _torch_hub() -> Path:
    """What torch.hub.get_dir() says, without torch: light stages look for weights too."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return Path(os.environ.get("TORCH_HOME") or caches / "torch").expanduser() / "hub"
