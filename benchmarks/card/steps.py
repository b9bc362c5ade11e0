"""Training steps: how fast, beside the limits of memory and arithmetic."""

import gc
import math
from collections.abc import Callable, Iterator
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


@dataclass(frozen=True)
class Variant:
    """One way to make the same step."""

    run: str
    scale: int
    precision: str
    batch: int
    execution: str
    perceptual: bool = False

    def __str__(self) -> str:
        loss = ", the paper's loss" if self.perceptual else ""
        where = f"{self.run} x{self.scale}, batch {self.batch}"
        return f"{where}, {self.precision}, {self.execution}{loss}"


def uncompiled_x8(card: Card) -> Iterator[Row]:
    """W-Net x8 as written and recorded, and with the paper's whole loss."""
    variants = [
        Variant("wnet", 8, precision, batch, execution)
        for batch, precision, execution in product(
            _batches(card), _precisions(card), _executions(card)
        )
    ]
    recorded = _executions(card)[-1]
    whole = [
        Variant("wnet", 8, precision, batch, execution, perceptual=True)
        for batch, precision, execution in (
            (_batches(card)[0], "fp32", "eager"),
            *((batch, "bf16", recorded) for batch in _batches(card)[: 1 if card.reduced else 3]),
        )
    ]
    yield from _measured(card, "steps x8", [*variants, *whole])
    yield from _real_against_fixed(card, "real data x8", recorded)


def compiled_x8(card: Card) -> Iterator[Row]:
    """W-Net x8 compiled, and compiled and recorded; each needs a minute before its first step."""
    if not card.on_cuda:
        yield {"part": "compiled x8", "what": "all", "skipped": f"the device is {card.device}"}
        return
    order = [("bf16", 4), ("bf16", 64), ("tf32", 4), ("bf16", 16), ("fp32", 4), ("fp32", 64)]
    order += [("tf32", 16), ("tf32", 64), ("fp32", 16)]
    executions = ("compiled", "graphs")
    variants = [Variant("wnet", 8, *each, how) for each in order for how in executions]
    yield from _measured(card, "compiled x8", variants)


def uncompiled_x4(card: Card) -> Iterator[Row]:
    """W-Net x4 as written and recorded."""
    if card.reduced:
        yield {"part": "steps x4", "what": "all", "skipped": "reduced: as x8"}
        return
    variants = [
        Variant("wnet", 4, precision, batch, execution)
        for batch, precision, execution in product(
            _batches(card), _precisions(card), _executions(card)
        )
    ]
    whole = Variant("wnet", 4, "bf16", _batches(card)[0], _executions(card)[-1], perceptual=True)
    yield from _measured(card, "steps x4", [whole, *variants])


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
    """kept: networks by their variant as written, so that each is compiled once; what they do."""
    as_written = replace(variant, execution="eager")
    with arithmetic(variant.precision):
        if as_written not in kept:
            torch.compiler.reset()  # else a second batch size would be compiled for all sizes
            changes = REDUCED[variant.run] if card.reduced else {}
            network = network_of(variant.run, variant.scale, card.device, changes)
            kept[as_written] = network, step_work(*_begun(as_written, network))
        network, work = kept[as_written]
        gc.collect()  # a recorded training, which refers to itself, holds its memory until then
        if card.on_cuda:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        training, batch = _begun(variant, network)
        _warm_up(training, batch)
        taken = seconds(lambda: training.step(batch), card.device, card.reduced)
        figures = {"faces/s": variant.batch / taken, "ms": taken * 1e3}
        if card.on_cuda:
            figures["peak GB"] = torch.cuda.max_memory_allocated() / 1e9
            figures["kernels"] = _kernels(lambda: training.step(batch))
    return figures | _shares(card, variant, work, taken)


def _begun(variant: Variant, network: nn.Module) -> tuple[Training, Batch]:
    """A training, and the batch that all its steps are made on."""
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
    """Make the steps that record or compile; the losses must be numbers."""
    for _ in range(STEPS_BEFORE_RECORDING + 1 if training.device.type == "cuda" else 1):
        total = training.step(batch)["total"].item()
        if not math.isfinite(total):
            raise ValueError(f"the loss is {total}")


def _shares(card: Card, variant: Variant, work: Work, taken: float) -> dict:
    """Of what the device gives at most, as counted for steps that fuse nothing."""
    shares = {"operations": work.operations}
    if copied := card.figure(CEILINGS, "copy", "GB/s"):
        shares["of bandwidth"] = (work.read + work.written) / taken / 1e9 / copied
    if reached := card.figure(CEILINGS, f"{variant.precision} product", "TFLOP/s"):
        shares["of arithmetic"] = work.flops / taken / 1e12 / reached
    return shares


def _kernels(step: Callable[[], object]) -> int:
    finish("cuda")
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiled:
        step()
        finish("cuda")
    on_device = [e.name for e in profiled.events() if e.device_type.name == "CUDA"]
    return sum(not name.startswith(("Memcpy", "Memset")) for name in on_device)


def _real_against_fixed(card: Card, part: str, execution: str) -> Iterator[Row]:
    """Steps on shuffled, mirrored faces against steps on one batch."""
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
