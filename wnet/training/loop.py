"""Train a network, validate it as it learns, keep the best, and survive being killed."""

import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from wnet.counted import counted
from wnet.data.batches import Batch, Faces
from wnet.training.execution import (
    EXECUTIONS,
    RecordedStep,
    check_execution,
    prepared,
    set_rate,
)
from wnet.training.late import Late
from wnet.training.losses import WNetLoss
from wnet.training.processes import Processes
from wnet.training.saved_state import SavedState
from wnet.training.settings import Schedule
from wnet.training.validation import validate

SECONDS_BETWEEN_CHECKPOINTS = 300


class TrainingDiverged(Exception):
    """The loss or a weight is no longer a number; names the epoch and step.

    Attributes:
        rows: the faces of the batch that did it, by their places in the training set.
    """

    def __init__(self, said: str, rows: list[int]):
        super().__init__(said)
        self.rows = rows


@dataclass
class Progress:
    """Where a training stands; with the weights and the optimizer, all that it needs to go on.

    Attributes:
        epoch, step: finished epochs, and finished steps of the next one.
        history: one row a validated epoch: epoch, learning rate, mean losses, validation scores.
        best_epoch, best_psnr, best: the weights that validated best, None before the first time.
        names, sums: the losses, and their sums over the steps of the unfinished epoch.
    """

    epoch: int = 0
    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    best_psnr: float = -math.inf
    best: dict[str, Tensor] | None = None
    names: list[str] = field(default_factory=list)
    sums: Tensor | None = None


class Training:
    """One training run, resumable to the bit on the CPU.

    With several processes each takes its share of every batch, and DistributedDataParallel averages
    their gradients; BatchNorm sees the whole batch on CUDA (SyncBatchNorm) and the share on the
    CPU. The first process alone validates, keeps the best and writes checkpoints.
    """

    def __init__(
        self,
        network: nn.Module,
        loss: WNetLoss,
        faces: Faces,
        validation: Faces,
        schedule: Schedule,
        checkpoint: Path | None,
        processes: Processes,
        execution: str = "eager",
    ):
        """A checkpoint of the same run, if there is one at that path, is taken up.

        checkpoint: of the first process; None in the others. execution: a name in EXECUTIONS.
        """
        _check_batch(schedule.batch, len(faces), processes.size)
        network = network.to(memory_format=torch.channels_last)
        self.device = next(network.parameters()).device
        check_execution(execution, self.device, processes.size)
        if processes.size > 1 and self.device.type == "cuda":
            network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        self.network, self.loss = network, loss
        self.schedule, self.processes = schedule, processes
        self.faces, self.validation = faces, validation
        self.saved = checkpoint and SavedState(checkpoint)
        self.optimizer = torch.optim.Adam(
            network.parameters(),
            lr=schedule.learning_rate,
            betas=(schedule.beta1, schedule.beta2),
            eps=schedule.epsilon,
            fused=True,
        )
        average = get_ema_multi_avg_fn(schedule.ema) if schedule.ema else None
        self.average = average and AveragedModel(network, multi_avg_fn=average, use_buffers=True)
        self.progress = Progress()
        self.last_loss: float | None = None  # of the last step whose loss has been asked for
        self.steps_per_epoch = len(faces) // schedule.batch
        self._saved_at = time.monotonic()
        self._unchecked: tuple[int, int, Late] | None = None
        self._resume()
        self._model = _wrapped(prepared(network, execution), processes, self.device).train()
        self._recorded: RecordedStep | None = None
        if EXECUTIONS[execution].recorded:
            self._recorded = RecordedStep(self._learn_from, self.optimizer, self.device)

    def run(
        self, on_step: Callable[[int], None], on_row: Callable[[dict, nn.Module], None]
    ) -> Progress:
        """Train to the end.

        on_step: told the faces of each step. on_row: told each new row of the history, and the
        network that it is of; called in the first process alone.
        """
        while self.progress.epoch < self.schedule.epochs:
            self._epoch(on_step)
            self._check_weights()
            self.progress.epoch += 1
            last = self.progress.epoch == self.schedule.epochs
            if last or self.progress.epoch % self.schedule.validate_every == 0:
                losses = self._mean_losses()
                if self.processes.first:
                    self._validate(losses)
                    on_row(self.progress.history[-1], self.validated)
            self.progress.step, self.progress.sums = 0, None
            self._save()
        return self.progress

    @property
    def validated(self) -> nn.Module:
        """The network that is validated and kept: the moving average where there is one."""
        return self.average.module if self.average else self.network

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
        self._model.train()
        share = self.processes.share(plan.batch)
        batches = self.faces.shuffled(
            plan.seed, progress.epoch, plan.batch, plan.flip, progress.step, share
        )
        for batch in batches:
            terms = self.step(batch)
            values = torch.stack(list(terms.values())).double()
            progress.names = list(terms)
            progress.sums = values if progress.sums is None else progress.sums + values
            progress.step += 1
            on_step(plan.batch)
            if time.monotonic() - self._saved_at > SECONDS_BETWEEN_CHECKPOINTS:
                self._save()

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Learn from one batch, this process's share of it; returns the losses by name."""
        progress = self.progress
        set_rate(self.optimizer, self._rate_of(progress.epoch, progress.step))
        terms = (self._recorded or self._learn_from)(batch)
        self._check()
        self._unchecked = (progress.epoch + 1, progress.step + 1, Late(terms["total"]))
        if self.average:
            self.average.update_parameters(self.network)
        return terms

    def _rate_of(self, epoch: int, step: int) -> float:
        done, steps = (
            epoch * self.steps_per_epoch + step,
            self.schedule.epochs * self.steps_per_epoch,
        )
        return rate_at(self.schedule, done, steps)

    def _learn_from(self, batch: Batch) -> dict[str, Tensor]:
        """What a step asks of the device; it never waits for an answer."""
        plan = self.schedule
        with torch.autocast(self.device.type, torch.bfloat16, enabled=plan.precision == "bf16"):
            made = self._model(batch.lr.contiguous(memory_format=torch.channels_last))
        terms = self.loss(made["sr"], made.get("parsing"), batch.hr, batch.skin_lr, batch.classes)
        self.optimizer.zero_grad(set_to_none=True)
        terms["total"].backward()
        if plan.clip_norm:
            nn.utils.clip_grad_norm_(self.network.parameters(), plan.clip_norm)
        self.optimizer.step()
        return {name: term.detach() for name, term in terms.items()}

    def _check(self) -> None:
        """Raise TrainingDiverged if the last step's loss is no number.

        Called once the next step is under way, so that a GPU never waits for the question; nothing
        is validated or saved before the answer.
        """
        if self._unchecked is None:
            return
        epoch, step, loss = self._unchecked
        self._unchecked, self.last_loss = None, loss.value()
        if not math.isfinite(self.last_loss):
            raise self._diverged(f"the loss is {self.last_loss}", epoch, step)

    def _check_weights(self) -> None:
        """Raise TrainingDiverged if the last step's loss, or a weight that it left, is no number.

        A finite loss can have a gradient that is none: asked before weights are validated or saved.
        """
        self._check()
        state = self.network.state_dict().values()
        finite = [value.isfinite().all() for value in state if value.is_floating_point()]
        if not torch.stack(finite).all().item():
            progress = self.progress
            raise self._diverged("a weight is no number", progress.epoch + 1, progress.step)

    def _diverged(self, what: str, epoch: int, step: int) -> TrainingDiverged:
        plan = self.schedule
        return TrainingDiverged(
            f"{what} in epoch {epoch}, step {step}; try a smaller train.learning_rate, or"
            " train.clip_norm",
            self.faces.rows_of(plan.seed, epoch - 1, plan.batch, step - 1),
        )

    def _mean_losses(self) -> dict[str, float]:
        """Means over the steps of the epoch, and over the processes."""
        progress = self.progress
        means = self.processes.mean(progress.sums) / progress.step
        return dict(zip(progress.names, means.tolist(), strict=True))

    def _validate(self, losses: dict[str, float]) -> None:
        progress = self.progress
        last = self._rate_of(progress.epoch - 1, self.steps_per_epoch - 1)
        row = {"epoch": progress.epoch, "learning_rate": last}
        scores = validate(self.validated, self.validation)
        row |= {f"train/{name}": value for name, value in losses.items()}
        row |= {f"validation/{name}": value for name, value in scores.items()}
        progress.history.append(row)
        if scores["psnr"] > progress.best_psnr:
            progress.best_psnr, progress.best_epoch = scores["psnr"], progress.epoch
            progress.best = deepcopy(self.validated.state_dict())

    def _save(self) -> None:
        self._saved_at = time.monotonic()
        if not self.processes.first:
            return
        self._check_weights()
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average and self.average.state_dict(),
            "progress": vars(self.progress),
        }
        self.saved.save(state)

    def _resume(self) -> None:
        state = self.processes.from_first(self.saved.load() if self.processes.first else None)
        if state is None:
            return
        self.network.load_state_dict(state["network"])
        # What was learnt is the checkpoint's; how steps are made is this process's own.
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({**state["optimizer"], "param_groups": groups})
        if self.average:
            self.average.load_state_dict(state["average"])
        self.progress = Progress(**state["progress"])
        if self.progress.sums is not None:
            self.progress.sums = self.progress.sums.to(self.device)


def rate_at(plan: Schedule, step: int, steps: int) -> float:
    """The learning rate of one of `steps` steps."""
    if plan.schedule == "constant":
        return plan.learning_rate
    return plan.learning_rate * 0.5 * (1 + math.cos(math.pi * step / steps))


def _check_batch(batch: int, faces: int, processes: int) -> None:
    if faces < batch:
        raise ValueError(
            f"train.batch = {batch}: more than the {counted(faces, 'face')} to train on"
        )
    if batch % processes:
        raise ValueError(f"train.batch = {batch} cannot be shared by {processes} processes")


def _wrapped(model: nn.Module, processes: Processes, device: torch.device) -> nn.Module:
    """The network as training steps call it, among several processes."""
    if processes.size == 1:
        return model
    return DistributedDataParallel(model, [device] if device.type == "cuda" else None)
