"""The precision of a training with `train.precision: auto`: measured once, then as recorded.

The record is in metrics/, which git shares with the team, but is no output of DVC, because DVC
removes a stage's outputs before it runs the stage again. A copy is beside the checkpoint, so that a
training resumes in the precision in which it began, even if its record has been removed.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from pipeline.harness import scratch
from pipeline.harness.record import PRECISION
from pipeline.settings.inputs import TrainInputs
from wnet.training.precision import faster
from wnet.training.processes import Processes
from wnet.training.settings import PRECISIONS

KEPT = "precision.json"  # the copy beside the checkpoint


def precision_of(
    name: str,
    run: TrainInputs,
    side: int,
    work: Path | None,
    processes: Processes,
    measure: Callable[[], Mapping[str, float]],
) -> str:
    """The precision to train in; with `auto`, what is recorded, else what `measure` finds.

    side: side of the HR faces in pixels. work: the folder of the checkpoint; None in processes
    other than the first. measure: the seconds of a step in each precision, called in every process.
    A record of a network, loss, batch or size of faces other than these is not used.
    """
    if run.train.precision != "auto":
        return run.train.precision
    measured_for = _measured_for(run, side)
    known = _recorded(name, measured_for, work) if processes.first else None
    precision = processes.from_first(known)
    if precision is None:
        seconds = measure()
        precision = faster(seconds)
        if processes.first:
            times = ", ".join(f"{1000 * seconds[of]:.1f} ms in {of}" for of in PRECISIONS)
            click.echo(f"{name}: precision {precision}; a step takes {times}", err=True)
    if processes.first:
        record = {"precision": precision, "measured_for": measured_for}
        for path in (work / KEPT, PRECISION / f"{name}.json"):
            scratch.write_json(path, record)
    return precision


def _measured_for(run: TrainInputs, side: int) -> dict:
    """What the time of a step depends on, apart from the machine."""
    settings = {key: getattr(run, key).model_dump(mode="json") for key in ("model", "loss")}
    return settings | {"batch": run.train.batch, "scale": run.scale, "side": side}


def _recorded(name: str, measured_for: Mapping, work: Path) -> str | None:
    """The recorded precision for these settings; raises ValueError if a record is damaged."""
    for path in (work / KEPT, PRECISION / f"{name}.json"):
        if not path.exists():
            continue
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            precision, settings = record["precision"], record["measured_for"]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}: not a record of a precision; delete it") from error
        if settings != measured_for:
            continue
        if precision not in PRECISIONS:
            raise ValueError(f"{path}: precision {precision!r}; give {' or '.join(PRECISIONS)}")
        click.echo(f"{name}: precision {precision}, as recorded in {path}", err=True)
        return precision
    return None
