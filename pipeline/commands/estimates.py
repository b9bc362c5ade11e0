"""The commands to run for a new dataset, with their times estimated from a few steps."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence

from pipeline.commands.inspection import FaceSample
from pipeline.commands.planning import Plan
from pipeline.harness import environment
from pipeline.settings import schema
from wnet.counted import counted

SECONDS = 4.0  # for which steps are timed
_FIRST, _LEAST = 2, 3  # steps before timing, and the fewest that are timed


def next_steps(
    whole: schema.Params, plan: Plan, seen: FaceSample, subsets: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """The commands, one per line, each with what it does and about how long it takes."""
    crop = whole.recipes[plan.name].crop
    photographs = sum(map(len, subsets.values()))
    share = (seen.sides >= crop.least_side).sum() / seen.examined
    cropping = photographs / seen.rate / environment.workers()
    (pyramid,) = (key for key, item in whole.pyramids.items() if item.dataset == plan.name)
    (split,) = (key for key, item in whole.splits.items() if item.dataset == plan.name)
    (evaluation,) = (key for key, item in whole.evaluations.items() if item.dataset == plan.name)
    yield "run:"
    yield f"  dvc repro pyramid@{pyramid} split@{split}"
    yield (
        f"      crops about {counted(round(share * photographs), 'face')} in {duration(cropping)};"
        f" data/crop/{plan.name}/rejected.csv then lists what was not used, and why"
    )
    yield "  dvc repro"
    doing = (
        f"      evaluates {plan.training} on them"
        if plan.training
        else "      " + _training(whole, plan, round(share * len(subsets["train"])))
    )
    yield f"{doing}; then open reports/{evaluation}/index.html"
    others = [name for name in whole.trainings if whole.trainings[name].dataset != plan.name]
    if others:
        yield f"      and brings the other trainings up to date: {', '.join(others)}"
    yield "Times are estimates from what was just measured here; a busy machine takes longer."


def _training(whole: schema.Params, plan: Plan, faces: int) -> str:
    run = whole.runs[plan.run]
    said = f"trains {plan.run} on about {counted(faces, 'face')}, {run.train.epochs} times each"
    rate = training_rate(run, plan.scale, plan.resolution)
    if rate is None:
        return f"{said} (how long is not estimated: its loss needs weights)"
    return f"{said}, in {duration(faces * run.train.epochs / rate)} at {rate:.0f} faces a second"


def training_rate(run: schema.Run, scale: int, side: int) -> float | None:
    """Faces per second in training by a run, measured on noise; None if its loss needs weights."""
    if run.loss.files():
        return None
    import numpy as np
    import torch

    from wnet.data.faces_on_device import FacesOnDevice
    from wnet.networks.by_name import build, objective_of
    from wnet.training.processes import Processes
    from wnet.training.steps import Steps

    device, random = environment.device(), np.random.default_rng(1)
    shapes = ((side // scale,) * 2 + (3,), (side, side, 3), (side // scale,) * 2)
    columns = [random.integers(0, 256, (run.train.batch, *shape), np.uint8) for shape in shapes]
    columns.append(random.integers(0, 19, (run.train.batch, side, side), np.uint8))
    points = random.uniform(0, side - 1, (run.train.batch, 68, 2)).astype(np.float32)
    (batch,) = FacesOnDevice(*columns, points, device).batches(run.train.batch)
    torch.manual_seed(1)
    network = build(run.model.network, run.model, scale).to(device)
    objective = objective_of(run.model.network, run.model, run.loss, scale, side, {})
    execution = environment.execution(device, 1)
    plan = run.train
    if plan.precision == "auto":  # which is at least as fast
        plan = plan.model_copy(update={"precision": "fp32"})
    steps = Steps(network, objective, plan, 1 << 30, Processes(), execution)
    done, begun = 0, time.perf_counter()
    while done < _FIRST + _LEAST or time.perf_counter() - begun < SECONDS:
        if done == _FIRST:
            begun = time.perf_counter()
        steps(batch, done)["total"].item()
        done += 1
    return (done - _FIRST) * run.train.batch / (time.perf_counter() - begun)


def duration(seconds: float) -> str:
    """A duration in words: under a minute, 7 minutes, 3 hours, 2 days."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 1.5 * length or unit == "minute":
            count = math.ceil(seconds / length)
            return "under a minute" if seconds < 60 else f"{count} {unit}{'s' * (count > 1)}"
    raise AssertionError
