"""The speed of training steps, beside the limits of memory and arithmetic."""

import gc
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import torch
from step_counts import Work, network_of, random_faces, step_work, training_of
from torch import nn
from torch.profiler import ProfilerActivity, profile

from card.arithmetic import PRECISIONS, arithmetic
from card.ceilings import PART as CEILINGS
from card.clock import finish, seconds
from card.part import Card, Row, attempts
from wnet.data.batches import Batch
from wnet.training.execution import STEPS_BEFORE_RECORDING
from wnet.training.loop import Training

SIDE = 128
REDUCED = {
    "wnet": {"width": 8, "attention_reduction": 4},
    "srcnn": {"channels": [8, 4]},
    "vdsr": {"width": 8, "depth": 3},
    "edsr": {"width": 8, "blocks": 1},
}
BATCHES = (4, 16, 64)
MOST_KERNELS = 12  # that are printed


@dataclass(frozen=True)
class Variant:
    """A way of executing the same step.

    Attributes:
        tuned: cuDNN measures its kernels for each shape and uses the fastest.
    """

    run: str
    scale: int
    precision: str
    batch: int
    execution: str
    perceptual: bool = False
    tuned: bool = False

    def __str__(self) -> str:
        loss = ", the paper's loss" if self.perceptual else ""
        tuned = ", tuned" if self.tuned else ""
        where = f"{self.run} x{self.scale}, batch {self.batch}"
        return f"{where}, {self.precision}, {self.execution}{loss}{tuned}"


def recorded_x8(card: Card) -> Iterator[Row]:
    """W-Net x8 recorded, bf16 first; also with the paper's whole loss, and with changing faces."""
    recorded = _executions(card)[-1]
    variants = [
        Variant("wnet", 8, precision, batch, recorded)
        for precision, batch in product(_precisions(card), _batches(card))
    ]
    whole = [
        Variant("wnet", 8, "bf16", batch, recorded, perceptual=True) for batch in _batches(card)
    ]
    if card.reduced:
        whole = [Variant("wnet", 8, "fp32", 1, recorded, perceptual=True)]
    first, rest = variants[: len(_batches(card))], variants[len(_batches(card)) :]
    yield from _measured(card, "steps x8", [*first, *whole, *rest])
    yield from _real_against_fixed(card, "real data x8", recorded)


def eager_x8(card: Card) -> Iterator[Row]:
    """W-Net x8 as written."""
    variants = [
        Variant("wnet", 8, precision, batch, "eager")
        for batch, precision in product(_batches(card), _precisions(card))
    ]
    whole = Variant("wnet", 8, "fp32", _batches(card)[0], "eager", perceptual=True)
    yield from _measured(card, "eager x8", [*variants, whole])


def tuned_x8(card: Card) -> Iterator[Row]:
    """The gain of cuDNN's search for the fastest kernels, and its time."""
    recorded = _executions(card)[-1]
    variants = [Variant("wnet", 8, "bf16", batch, recorded, tuned=True) for batch in _batches(card)]
    yield from _measured(card, "tuned x8", variants[1::-1])


def compile_small(card: Card) -> Iterator[Row]:
    """Seconds to compile W-Net x8 at the smallest batch; later parts use the compiled code."""
    yield from _compiling(card, _batches(card)[0])


def compile_middle(card: Card) -> Iterator[Row]:
    """Seconds to compile W-Net x8 at the middle batch."""
    yield from _compiling(card, _batches(card)[1])


def _compiling(card: Card, batch: int) -> Iterator[Row]:
    variant = Variant("wnet", 8, "bf16", batch, "compiled")
    yield from attempts(card, "compiling", [(str(variant), lambda: _seconds_to_begin(variant))])


def _seconds_to_begin(variant: Variant) -> dict:
    with arithmetic(variant.precision):  # part of the key of compiled code
        training, batch = _begun(variant, network_of(variant.run, variant.scale, "cuda", {}))
        begun = time.monotonic()
        training.step(batch)
        finish("cuda")
    return {"s to the first step's end": time.monotonic() - begun}


def compiled_x8(card: Card) -> Iterator[Row]:
    """W-Net x8 compiled, and compiled and recorded."""
    variants = [
        Variant("wnet", 8, "bf16", batch, how)
        for batch, how in product(_batches(card)[:2], ("graphs", "compiled"))
    ]
    yield from _measured(card, "compiled x8", variants)


def kernels_x8(card: Card) -> Iterator[Row]:
    """The number of kernels in a step, by its profile; prints the longest."""
    variants = [
        Variant("wnet", 8, precision, batch, "eager-graphs")
        for precision, batch in (("bf16", 4), ("bf16", 64), ("fp32", 4))
    ]
    jobs = [(str(v), lambda v=v: _kernels(v)) for v in variants]
    yield from attempts(card, "kernels x8", jobs)


def recorded_x4(card: Card) -> Iterator[Row]:
    """W-Net x4, recorded."""
    recorded = _executions(card)[-1]
    variants = [
        Variant("wnet", 4, precision, batch, recorded)
        for precision, batch in product(_precisions(card), _batches(card))
    ]
    whole = Variant("wnet", 4, "bf16", _batches(card)[0], recorded, perceptual=True)
    yield from _measured(card, "steps x4", [variants[0], whole, *variants[1:]])


def baselines(card: Card) -> Iterator[Row]:
    """SRCNN, VDSR and EDSR at x8."""
    variants = [
        Variant(run, 8, precision, _batches(card)[1], execution)
        for run, precision, execution in product(
            ("srcnn", "vdsr", "edsr"), ("bf16", "fp32"), _executions(card)
        )
    ]
    yield from _measured(card, "baselines", variants)


def _batches(card: Card) -> tuple[int, ...]:
    return (1, 2) if card.reduced else BATCHES


def _precisions(card: Card) -> tuple[str, ...]:
    return PRECISIONS if card.on_cuda else ("bf16", "fp32")


def _executions(card: Card) -> tuple[str, ...]:
    return ("eager", "eager-graphs") if card.on_cuda else ("eager",)


def _measured(card: Card, part: str, variants: list[Variant]) -> Iterator[Row]:
    kept: dict[Variant, tuple[nn.Module, Work]] = {}
    jobs = [(str(v), lambda v=v: _figures(card, v, kept)) for v in variants]
    yield from attempts(card, part, jobs)


def _figures(card: Card, variant: Variant, kept: dict[Variant, tuple[nn.Module, Work]]) -> dict:
    """The figures of a variant; kept: networks that were compiled already, and their work."""
    as_written = replace(variant, execution="eager", tuned=False)
    with arithmetic(variant.precision):
        if as_written not in kept:
            torch.backends.cudnn.benchmark = False
            torch.compiler.reset()  # otherwise a second batch size would be compiled for all sizes
            changes = REDUCED[variant.run] if card.reduced else {}
            network = network_of(variant.run, variant.scale, card.device, changes)
            kept[as_written] = network, step_work(*_begun(as_written, network))
        network, work = kept[as_written]
        gc.collect()  # a recorded training refers to itself and is freed only here
        if card.on_cuda:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        training, batch = _begun(variant, network)
        torch.backends.cudnn.benchmark = variant.tuned
        begun = time.monotonic()
        _warm_up(training, batch)
        begins = time.monotonic() - begun
        taken = seconds(lambda: training.step(batch), card.device, card.reduced)
        figures = {"faces/s": variant.batch / taken, "ms": taken * 1e3, "begins after s": begins}
        if card.on_cuda:
            figures["peak GB"] = torch.cuda.max_memory_allocated() / 1e9
    return figures | _shares(card, variant, work, taken)


def _begun(variant: Variant, network: nn.Module) -> tuple[Training, Batch]:
    """Start a training; also returns the batch of all its steps."""
    device = next(network.parameters()).device.type
    faces = random_faces(variant.batch, variant.scale, SIDE, device)
    training = training_of(
        variant.run,
        network,
        faces,
        variant.perceptual,
        variant.execution,
        batch=variant.batch,
        precision="bf16" if variant.precision == "bf16" else "fp32",
    )
    return training, next(faces.batches(variant.batch))


def _warm_up(training: Training, batch: Batch) -> None:
    """Make the steps that record or compile; the losses must be finite."""
    for _ in range(STEPS_BEFORE_RECORDING + 1 if training.steps.device.type == "cuda" else 1):
        total = training.step(batch)["total"].item()
        if not math.isfinite(total):
            raise ValueError(f"the loss is {total}")


def _shares(card: Card, variant: Variant, work: Work, taken: float) -> dict:
    """The fractions of the device's limits, with work counted as if nothing were fused."""
    shares = {"operations": work.operations}
    if copied := card.figure(CEILINGS, "copy", "GB/s"):
        shares["of bandwidth"] = (work.read + work.written) / taken / 1e9 / copied
    if reached := card.figure(CEILINGS, f"{variant.precision} product", "TFLOP/s"):
        shares["of arithmetic"] = work.flops / taken / 1e12 / reached
    return shares


def _kernels(variant: Variant) -> dict:
    with arithmetic(variant.precision):
        training, batch = _begun(variant, network_of(variant.run, variant.scale, "cuda", {}))
        _warm_up(training, batch)
        with profile(activities=[ProfilerActivity.CUDA]) as profiled:
            training.step(batch)
            finish("cuda")
    events = [e for e in profiled.events() if e.device_type.name == "CUDA"]
    kernels = [e for e in events if not e.name.startswith(("Memcpy", "Memset"))]
    spent: dict[str, list[float]] = {}  # microseconds
    for kernel in kernels:
        spent.setdefault(kernel.name, []).append(kernel.time_range.elapsed_us())
    longest = sorted(spent, key=lambda name: -sum(spent[name]))[:MOST_KERNELS]
    for name in longest:
        print(f"  {sum(spent[name]) / 1e3:8.3f} ms {len(spent[name]):5} times {name[:110]}")
    in_kernels = sum(map(sum, spent.values()))
    return {"kernels": len(kernels), "ms in them": in_kernels / 1e3}


def _real_against_fixed(card: Card, part: str, execution: str) -> Iterator[Row]:
    """Steps on shuffled, mirrored faces compared with steps on one batch."""
    jobs = [
        (f"{v}", lambda v=v: _both(card, v))
        for v in (Variant("wnet", 8, "bf16", batch, execution) for batch in _batches(card)[:2])
    ]
    yield from attempts(card, part, jobs)


def _both(card: Card, variant: Variant) -> dict:
    steps = 2 if card.reduced else 64
    changes = REDUCED[variant.run] if card.reduced else {}
    network = network_of(variant.run, variant.scale, card.device, changes)
    training, fixed = _begun(variant, network)
    faces = random_faces(variant.batch * steps, variant.scale, SIDE, card.device)
    _warm_up(training, fixed)

    def epoch() -> None:
        for batch in faces.shuffled(1, 0, variant.batch, True, 0):
            training.step(batch)

    real = seconds(epoch, card.device, card.reduced) / steps
    alone = seconds(lambda: training.step(fixed), card.device, card.reduced)
    return {"real ms": real * 1e3, "fixed ms": alone * 1e3, "fixed / real": alone / real}
