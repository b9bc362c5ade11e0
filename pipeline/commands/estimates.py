"""The commands to run for a new dataset, with their times estimated from a few steps."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence

from pipeline.commands.looking import Seen
from pipeline.commands.planning import Wish
from pipeline.harness import environment
from pipeline.settings import schema
from wnet.counted import counted

SECONDS = 4.0  # that steps are timed for
_FIRST, _LEAST = 2, 3  # steps before timing, and the fewest that are timed


def what_to_run(
    whole: schema.Params, wish: Wish, seen: Seen, subsets: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """The commands, one per line, each with what it does and about how long it takes."""
    crop = whole.recipes[wish.name].crop
    photographs = sum(map(len, subsets.values()))
    share = (seen.sides >= crop.least_side).sum() / seen.looked_at
    cropping = photographs / seen.rate / environment.workers()
    (pyramid,) = (key for key, item in whole.pyramids.items() if item.dataset == wish.name)
    (split,) = (key for key, item in whole.splits.items() if item.dataset == wish.name)
    (evaluation,) = (key for key, item in whole.evaluations.items() if item.dataset == wish.name)
    yield "run:"
    yield f"  dvc repro pyramid@{pyramid} split@{split}"
    yield (
        f"      crops about {counted(round(share * photographs), 'face')} in {spoken(cropping)};"
        f" data/crop/{wish.name}/rejected.csv then lists what was not used, and why"
    )
    yield "  dvc repro"
    doing = (
        f"      evaluates {wish.training} on them"
        if wish.training
        else "      " + _training(whole, wish, round(share * len(subsets["train"])))
    )
    yield f"{doing}; then open reports/{evaluation}/index.html"
    others = [name for name in whole.trainings if whole.trainings[name].dataset != wish.name]
    if others:
        yield f"      and brings the other trainings up to date: {', '.join(others)}"
    yield "Times are estimates, by what was measured here just now; a busy machine takes longer."


def _training(whole: schema.Params, wish: Wish, faces: int) -> str:
    run = whole.runs[wish.run]
    said = f"trains {wish.run} on about {counted(faces, 'face')}, {run.train.epochs} times each"
    rate = training_rate(run, wish.scale, wish.resolution)
    if rate is None:
        return f"{said} (how long is not estimated: its loss needs weights)"
    return f"{said}, in {spoken(faces * run.train.epochs / rate)} at {rate:.0f} faces a second"


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


def spoken(seconds: float) -> str:
    """A duration in words: under a minute, 7 minutes, 3 hours, 2 days."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 1.5 * length or unit == "minute":
            count = math.ceil(seconds / length)
            return "under a minute" if seconds < 60 else f"{count} {unit}{'s' * (count > 1)}"
    raise AssertionError
