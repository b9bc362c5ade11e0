"""Real training at full width on drawn faces: compared with a CPU, and for three minutes.

`cpu.json` beside this file has the results of a CPU: python benchmarks/gpu_card.py --record-cpu
"""

import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from step_counts import network_of, objective_for

from card.arithmetic import arithmetic
from card.faces import Columns, draw
from card.part import Card, Row, attempts
from card.steps import REDUCED, Variant
from pipeline.settings import params
from wnet.data.faces_on_device import FacesOnDevice
from wnet.data.resize import bicubic
from wnet.metrics.images import psnr, ssim
from wnet.training.loop import Training
from wnet.training.processes import Processes
from wnet.training.settings import Schedule

PART = "learning"
CPU_RECORD = Path(__file__).with_name("cpu.json")
SIDE = 128


@dataclass(frozen=True)
class Recipe:
    """A short training of the run `wnet` without its perceptual term, in float32."""

    scale: int = 8
    steps: int = 20
    batch: int = 4
    validation: int = 16
    seed: int = 1


def rows(card: Card) -> Iterator[Row]:
    """Train for as many steps as the CPU's record; then for up to three minutes."""
    recipe = Recipe(steps=2, batch=2, validation=2) if card.reduced else Recipe()
    jobs = [(f"{recipe.steps} steps, fp32, beside the CPU", lambda: _beside_cpu(card, recipe))]
    yield from attempts(card, PART, jobs)
    seconds = 1.0 if card.reduced else min(180.0, card.left() - 20)
    jobs = [(f"{seconds:.0f} seconds, bf16", lambda: _for_seconds(card, seconds))]
    yield from attempts(card, PART, jobs, least=0 if card.reduced else 60)


def record_cpu() -> None:
    """Train by the recipe on the CPU and write the results."""
    recipe = Recipe()
    record = {"recipe": asdict(recipe), "torch": torch.__version__}
    record["learnt"] = learn(recipe, "cpu", {})
    CPU_RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=2))


def learn(recipe: Recipe, device: str, model: dict) -> dict:
    """Train by a recipe: mean loss of the steps, and PSNR and SSIM (protocol dic) after them."""
    faces = draw(0, recipe.steps * recipe.batch, SIDE, recipe.scale)
    validation = draw(100_000, recipe.validation, SIDE, recipe.scale)
    plan = _plan(seed=recipe.seed, batch=recipe.batch)
    with arithmetic("fp32"), tempfile.TemporaryDirectory() as folder:
        training = _training(
            recipe.scale, faces, validation, device, plan, Path(folder), "eager", model
        )
        (row,) = training.run(lambda count: None, lambda row, network: None).history
    return {name: row[key] for name, key in KEYS.items()}


KEYS = {"loss": "train/total", "PSNR": "validation/psnr", "SSIM": "validation/ssim"}


def _beside_cpu(card: Card, recipe: Recipe) -> dict:
    model = REDUCED["wnet"] if card.reduced else {}
    if card.reduced:
        beside = learn(recipe, "cpu", model)
    else:
        record = json.loads(CPU_RECORD.read_text(encoding="utf-8"))
        if record["recipe"] != asdict(recipe):
            raise ValueError(f"{CPU_RECORD.name} is of another recipe: record it again")
        beside = record["learnt"]
    learnt = learn(recipe, card.device, model)
    return {**learnt, **{f"CPU's {name}": value for name, value in beside.items()}}


def _for_seconds(card: Card, seconds: float) -> dict:
    """Train in bfloat16 with batch 16, recorded on a GPU, with about ten validations."""
    begun = time.monotonic()
    count, seen, batch = (8, 4, 4) if card.reduced else (2048, 64, 16)
    faces, validation = (draw(first, n, SIDE, 8) for first, n in ((0, count), (100_000, seen)))
    execution, rate = _fastest(card)
    left = seconds - (time.monotonic() - begun)
    epochs = max(1, int(0.6 * left * rate / count))  # the rest for tests beside it, validation
    plan = _plan(
        epochs=epochs, batch=batch, learning_rate=4e-4, precision="bf16", schedule="cosine",
        flip=True, validate_every=max(1, epochs // 10),
    )  # fmt: skip
    model = REDUCED["wnet"] if card.reduced else {}
    with arithmetic("bf16"), tempfile.TemporaryDirectory() as folder:
        training = _training(
            8, faces, validation, card.device, plan, Path(folder), execution, model
        )
        history = training.run(lambda count: None, _show).history
    best = max(history, key=lambda row: row["validation/psnr"])
    figures = {"seconds": time.monotonic() - begun, "epochs": epochs, "faces seen": training.total}
    figures |= {name: best[key] for name, key in KEYS.items()} | {"execution": execution}
    return figures | _bicubic(validation)


def _fastest(card: Card) -> tuple[str, float]:
    """The fastest execution of steps without compiling, and its approximate faces per second."""
    execution = "eager-graphs" if card.on_cuda else "eager"
    measured = card.figure("steps x8", str(Variant("wnet", 8, "bf16", 16, execution)), "faces/s")
    return execution, measured or 100.0


def _plan(**changes) -> Schedule:
    return params.load().runs["wnet"].train.model_copy(update={"epochs": 1} | changes)


def _training(
    scale: int,
    faces: Columns,
    validation: Columns,
    device: str,
    plan: Schedule,
    folder: Path,
    execution: str,
    model: dict,
) -> Training:
    return Training(
        network_of("wnet", scale, device, model),
        objective_for(params.load().runs["wnet"], scale, SIDE),
        FacesOnDevice(*faces, device),
        FacesOnDevice(*validation, device),
        plan,
        folder / "checkpoint.pt",
        Processes(),
        execution,
    )


def _show(row: dict, network: torch.nn.Module) -> None:
    print(f"  epoch {row['epoch']}: validation PSNR {row['validation/psnr']:.2f} dB", flush=True)


def _bicubic(validation: Columns) -> dict:
    side = validation.hr.shape[1]
    enlarged = bicubic(validation.lr, side, side)
    scores = [np.mean(score(enlarged, validation.hr, "dic", 8)) for score in (psnr, ssim)]
    return {"bicubic's PSNR": float(scores[0]), "bicubic's SSIM": float(scores[1])}
