"""Export of a network to one file that needs none of this code, verified against the network."""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from wnet.files.atomic import atomic_write
from wnet.networks.by_name import title_of
from wnet.networks.network import Network

EXTRA = "export"  # the extra in setup.cfg with the packages for ONNX
LIBRARIES = ("onnx", "onnxscript", "onnxruntime")
TYPICAL = 1e-4  # of values from 0 to 1: a fortieth of one of 255 levels
LARGEST = 0.02
"""Larger than TYPICAL because a runtime that differs in the last bits may round some pixels of the
enlarged face (`blocks.enlarge`) to another level, which changes the output around them."""

Maps = dict[str, Tensor]


@dataclass(frozen=True)
class Difference:
    """The difference between the outputs of a file and of the network, for values from 0 to 1.

    Attributes:
        typical: the largest median over all maps and sizes.
        largest: the largest difference of any value.
    """

    typical: float
    largest: float

    def __str__(self) -> str:
        return f"{self.typical:.1e}, at most {self.largest:.1e}, of values from 0 to 1"

    @property
    def small(self) -> bool:
        """Whether the file can be trusted; False for NaN."""
        return self.typical <= TYPICAL and self.largest <= LARGEST


class Clamped(nn.Module):
    """A network as it is exported: every output map is clamped to 0 to 1."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.step = network.config.lr_sides(network.scale)[1]

    def forward(self, lr: Tensor) -> Maps:
        # The same sides, as multiples of `step`: otherwise torch.export does not know that they can
        # be halved, and simplifies ever longer terms, for hours with WFEN.
        rows, columns = (self.step * (side // self.step) for side in lr.shape[2:])
        lr = lr.expand(-1, -1, rows, columns)
        return {name: values.clamp(0, 1) for name, values in self.network(lr).items()}


def export(network: Network, out: Path) -> Difference:
    """Write a network on the CPU to `out`, .onnx or .pt2, for any batch and all sides it accepts.

    The file is loaded and compared with the network before it gets its name. Raises ValueError and
    leaves no file if the suffix is another, libraries are missing, the network cannot be exported
    or the difference is not small.
    """
    if out.suffix not in FORMATS:
        raise ValueError(
            f"{out}: the suffix chooses the format, {' or '.join(FORMATS)}; a folder has none"
        )
    make, load = FORMATS[out.suffix]
    if out.suffix == ".onnx":
        require_onnx()
    clamped = Clamped(network.eval())
    with torch.no_grad():
        with _refused_by_name(network, out):
            content = make(_program(clamped), network)
        with atomic_write(out, len(content)) as part:
            part.write_bytes(content)
            difference = _compared(clamped, load(part))
            if not difference.small:
                raise ValueError(f"{out}: not written, it differs from the network by {difference}")
    return difference


def require_onnx() -> None:
    """Raise ValueError naming the packages that ONNX needs and that are not installed."""
    if missing := [name for name in LIBRARIES if find_spec(name) is None]:
        raise ValueError(
            f"{', '.join(missing)}: not installed, and .onnx needs it: pip install"
            f" 'wnet-fsr[{EXTRA}]'; .pt2 needs only torch"
        )


def facts(network: Network, maps: Iterable[str]) -> dict[str, str]:
    """The metadata of the file: its inputs and outputs."""
    smallest, step = network.config.lr_sides(network.scale)
    sides = ", ".join(f"{smallest + number * step}" for number in range(3))
    scale = network.scale
    made = {
        "sr": f"(batch, 3, {scale} * height, {scale} * width), RGB",
        "parsing": "(batch, 1 or 3, height, width), skin map",
    }
    return {
        "network": network.kind(),
        "scale": f"{scale}",
        "lr": "(batch, 3, height, width) float32, RGB from 0 to 1; any batch; height and width:"
        f" {sides}, ... px, each for itself",
        **{name: f"{made[name]}, float32 clamped to 0 to 1" for name in maps},
    }


def _program(whole: Clamped) -> ExportedProgram:
    network = whole.network
    smallest, step = network.config.lr_sides(network.scale)
    # Not the smallest faces: torch.export may treat an inner size of 1 as a constant.
    example = torch.rand(2, 3, smallest + 2 * step, smallest + 3 * step)
    sides = [Dim(name, min=smallest // step) for name in ("rows", "columns")]
    rows, columns = (step * side if step > 1 else side for side in sides)
    shapes = ({0: Dim("batch", min=1), 2: rows, 3: columns},)
    program = torch.export.export(whole, (example,), dynamic_shapes=shapes)
    # The guards check the memory layout of maps and refuse faces so small that an inner map has a
    # side of 1; the range constraints of the sides are sufficient, and better.
    program._guards_code.clear()
    return program


@contextmanager
def _refused_by_name(network: Network, out: Path) -> Iterator[None]:
    """Turn torch's errors into a one-line ValueError, and silence its notices."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except Exception as error:
            reason = next(iter(f"{error}".strip().splitlines()), type(error).__name__)
            raise ValueError(
                f"{title_of(network.kind())} cannot be written as {out.suffix}: {reason}"
            ) from error


def _compared(clamped: Clamped, run: Callable[[Tensor], Maps]) -> Difference:
    """Compare on faces of several sizes, square or not, in batches of one and three."""
    network = clamped.network
    smallest, step = network.config.lr_sides(network.scale)
    random = torch.Generator().manual_seed(1)
    medians, largest = [], []
    for batch, rows, columns in ((1, 0, 0), (3, 1, 0), (1, 2, 4)):
        sides = (smallest + step * rows, smallest + step * columns)
        lr = torch.rand(batch, 3, *sides, generator=random)
        theirs = run(lr)
        for name, ours in clamped(lr).items():
            difference = (ours - theirs[name]).abs()
            medians.append(difference.median().item())
            largest.append(difference.max().item())
    return Difference(typical=max(medians), largest=max(largest))


def _pt2(program: ExportedProgram, network: Network) -> bytes:
    content = BytesIO()
    torch.export.save(program, content, extra_files=facts(network, _maps(program)))
    return content.getvalue()


def _load_pt2(path: Path) -> Callable[[Tensor], Maps]:
    with path.open("rb") as file:
        return torch.export.load(file).module()


def _maps(program: ExportedProgram) -> list[str]:
    """The names of the network's outputs."""
    return list(program.call_spec.out_spec.context)


def _onnx(program: ExportedProgram, network: Network) -> bytes:
    names = _maps(program)
    model = torch.onnx.export(
        program, input_names=["lr"], output_names=names, verbose=False
    ).model_proto
    for key, value in facts(network, names).items():
        model.metadata_props.add(key=key, value=value)
    _name_axes(model.graph)
    return model.SerializeToString()


def _name_axes(graph) -> None:
    """Name the axes batch, height and width, or rows and columns if sides are multiples of them."""
    names = {}
    for axis, whole, part in ((0, "batch", ""), (2, "height", "rows"), (3, "width", "columns")):
        said = graph.input[0].type.tensor_type.shape.dim[axis].dim_param
        names[said.split("*")[-1]] = part if "*" in said else whole
    for value in (*graph.input, *graph.output, *graph.value_info):
        for axis in value.type.tensor_type.shape.dim:
            if axis.dim_param:
                axis.dim_param = re.sub(
                    r"\w+", lambda word: names.get(word[0], word[0]), axis.dim_param
                )


def _load_onnx(path: Path) -> Callable[[Tensor], Maps]:
    onnxruntime = import_module("onnxruntime")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]

    def run(lr: Tensor) -> Maps:
        made = session.run(names, {"lr": lr.numpy()})
        return {name: torch.from_numpy(values) for name, values in zip(names, made, strict=True)}

    return run


FORMATS = {".onnx": (_onnx, _load_onnx), ".pt2": (_pt2, _load_pt2)}
"""By suffix: the function that makes a file's content, and the function that loads the file."""
