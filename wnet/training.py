"""Train a network, validate it as it learns, keep the best, and survive being killed."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from wnet.data.faces_on_device import Batch, FacesOnDevice
from wnet.metrics import mask_iou, psnr, ssim
from wnet.network.folder import upscale
from wnet.network.losses import WNetLoss

VALIDATION_BATCH = 32  # no result depends on it
SECONDS_BETWEEN_CHECKPOINTS = 300


class TrainingDiverged(Exception):
    """The loss is no longer a number; names the epoch and step."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast to learn.

    Attributes:
        seed: of the order of the faces and of mirroring (of the initial weights: the caller's).
        epochs, batch: passes over the faces, and faces a step.
        learning_rate, beta1, beta2, epsilon: of Adam.
        schedule: the learning rate stays (`constant`) or falls to 0 along half a cosine.
        flip: mirror half of the faces. validate_every: epochs between validations.
    """

    seed: int
    epochs: int
    batch: int
    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float
    schedule: Literal["constant", "cosine"]
    flip: bool
    validate_every: int

    def rate_at(self, step: int, steps: int) -> float:
        """The learning rate of one of `steps` steps."""
        if self.schedule == "constant":
            return self.learning_rate
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * step / steps))


@dataclass
class Progress:
    """Where a training stands; with the weights and the optimizer, all that it needs to go on.

    Attributes:
        epoch, step: finished epochs, and finished steps of the next one.
        history: one row a validated epoch: epoch, learning rate, mean losses, validation scores.
        best_epoch, best_psnr, best: the weights that validated best, None before the first time.
        sums: losses added up over the steps of the unfinished epoch.
    """

    epoch: int = 0
    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    best_psnr: float = -math.inf
    best: dict[str, Tensor] | None = None
    sums: dict[str, float] = field(default_factory=dict)


class Training:
    """One training run over faces on a device, resumable to the bit on the CPU."""

    def __init__(
        self,
        network: nn.Module,
        loss: WNetLoss,
        faces: FacesOnDevice,
        validation: FacesOnDevice,
        schedule: Schedule,
        checkpoint: Path,
    ):
        """A checkpoint of the same run, if there is one at that path, is taken up."""
        if len(faces) < schedule.batch:
            raise ValueError(f"batches of {schedule.batch} faces need more than {len(faces)} faces")
        self.network = network.to(memory_format=torch.channels_last)
        self.loss, self.schedule = loss, schedule
        self.faces, self.validation, self.checkpoint = faces, validation, checkpoint
        self.optimizer = torch.optim.Adam(
            network.parameters(),
            lr=schedule.learning_rate,
            betas=(schedule.beta1, schedule.beta2),
            eps=schedule.epsilon,
            fused=True,
        )
        self.progress = Progress()
        self.steps_per_epoch = len(faces) // schedule.batch
        self._saved_at = time.monotonic()
        if checkpoint.exists():
            self._resume()

    def run(self, on_step: Callable[[int], None], on_row: Callable[[dict], None]) -> Progress:
        """Train to the end. on_step: told the faces of each step; on_row: each new history row."""
        while self.progress.epoch < self.schedule.epochs:
            self._epoch(on_step)
            self.progress.epoch += 1
            last = self.progress.epoch == self.schedule.epochs
            if last or self.progress.epoch % self.schedule.validate_every == 0:
                self._validate()
                on_row(self.progress.history[-1])
            self.progress.step, self.progress.sums = 0, {}
            self._save()
        return self.progress

    @property
    def done(self) -> int:
        """Faces that the steps so far have seen."""
        steps = self.progress.epoch * self.steps_per_epoch + self.progress.step
        return steps * self.schedule.batch

    @property
    def total(self) -> int:
        """Faces that all steps will have seen."""
        return self.schedule.epochs * self.steps_per_epoch * self.schedule.batch

    def _epoch(self, on_step: Callable[[int], None]) -> None:
        plan, progress = self.schedule, self.progress
        self.network.train()
        batches = self.faces.shuffled(
            plan.seed, progress.epoch, plan.batch, plan.flip, progress.step
        )
        for batch in batches:
            terms = self._step(batch)
            for name, value in terms.items():
                progress.sums[name] = progress.sums.get(name, 0.0) + value
            progress.step += 1
            on_step(plan.batch)
            if time.monotonic() - self._saved_at > SECONDS_BETWEEN_CHECKPOINTS:
                self._save()

    def _step(self, batch: Batch) -> dict[str, float]:
        done = self.progress.epoch * self.steps_per_epoch + self.progress.step
        steps = self.schedule.epochs * self.steps_per_epoch
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate_at(done, steps)
        sr, parsing = self.network(batch.lr.contiguous(memory_format=torch.channels_last))
        terms = self.loss(sr, parsing, batch.hr, batch.skin_lr, batch.classes)
        self.optimizer.zero_grad(set_to_none=True)
        terms["total"].backward()
        values = torch.stack([term.detach() for term in terms.values()]).tolist()
        named = dict(zip(terms, values, strict=True))
        if not math.isfinite(named["total"]):
            raise TrainingDiverged(
                f"the loss is {named['total']} in epoch {self.progress.epoch + 1}, step "
                f"{self.progress.step + 1}; try a smaller train.learning_rate"
            )
        self.optimizer.step()
        return named

    def _validate(self) -> None:
        progress = self.progress
        rate = self.optimizer.param_groups[0]["lr"]
        losses = {f"train/{name}": total / progress.step for name, total in progress.sums.items()}
        scores = {f"validation/{name}": value for name, value in self._scores().items()}
        progress.history.append(
            {"epoch": progress.epoch, "learning_rate": rate, **losses, **scores}
        )
        if scores["validation/psnr"] > progress.best_psnr:
            progress.best_psnr, progress.best_epoch = scores["validation/psnr"], progress.epoch
            progress.best = {k: v.detach().clone() for k, v in self.network.state_dict().items()}

    def _scores(self) -> dict[str, float]:
        """Means over the validation faces: PSNR and SSIM (protocol dic), IoU of the skin map."""
        self.network.eval()
        columns: dict[str, list[np.ndarray]] = {"psnr": [], "ssim": [], "parsing_iou": []}
        for batch in self.validation.batches(VALIDATION_BATCH):
            sr, parsing = upscale(self.network, batch.lr)
            scale = sr.shape[-1] // batch.lr.shape[-1]
            pair = [
                (faces * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
                for faces in (sr, batch.hr)
            ]
            maps = [(skin.mean(dim=1) > 0.5).cpu().numpy() for skin in (parsing, batch.skin_lr)]
            columns["psnr"].append(psnr(*pair, "dic", scale))
            columns["ssim"].append(ssim(*pair, "dic", scale))
            columns["parsing_iou"].append(mask_iou(*maps))
        return {name: float(np.concatenate(values).mean()) for name, values in columns.items()}

    def _save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
        }
        part = self.checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.checkpoint)
        self._saved_at = time.monotonic()

    def _resume(self) -> None:
        device = next(self.network.parameters()).device
        state = torch.load(self.checkpoint, map_location=device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])
