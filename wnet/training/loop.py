"""The training of a network: validated as it learns, the best kept, resumable when killed."""

import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from wnet.counted import counted
from wnet.data.batches import Batch, Faces
from wnet.training.objective import Objective
from wnet.training.pending_value import PendingValue
from wnet.training.processes import Processes
from wnet.training.saved_state import SavedState
from wnet.training.settings import Schedule
from wnet.training.steps import Steps, rate_at
from wnet.training.validation import validate

SECONDS_BETWEEN_CHECKPOINTS = 300


class TrainingDiverged(Exception):
    """The loss or a weight is NaN or infinite; the message names the epoch and step.

    Attributes:
        rows: the faces of the batch that caused it, by their indices in the train set.
    """

    def __init__(self, said: str, rows: list[int]):
        super().__init__(said)
        self.rows = rows


@dataclass
class Progress:
    """The progress of a training; with the weights and the optimizer, all it needs to resume.

    Attributes:
        epoch, step: finished epochs, and finished steps of the current one.
        history: one row per validated epoch: epoch, learning rate, mean losses, validation scores.
        best_epoch, best_psnr, best: epoch, PSNR and weights of the best validation; None at first.
        best_stage: the stage of the best weights; a later stage chooses its own.
        stage: the stage of the last step.
        names, sums, summed: the names of the losses, their sums over the steps of this stage in
            the unfinished epoch, and the number of these steps.
        told: the last stage whose shares of the loss were reported.
    """

    epoch: int = 0
    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    best_psnr: float = -math.inf
    best: dict[str, Tensor] | None = None
    best_stage: str | None = None
    stage: str | None = None
    names: list[str] = field(default_factory=list)
    sums: Tensor | None = None
    summed: int = 0
    told: str | None = None


class Training:
    """One training run, which can be resumed with bit-identical results on the CPU.

    The weights with the best validation in the objective's last stage are kept; if that stage is
    adversarial, the last weights are, since PSNR says little about them. With several processes,
    only the first validates, keeps the best weights and writes checkpoints.
    """

    def __init__(
        self,
        network: nn.Module,
        objective: Objective,
        faces: Faces,
        validation: Faces,
        schedule: Schedule,
        checkpoint: Path | None,
        processes: Processes,
        execution: str = "eager",
    ):
        """Resumes from the checkpoint, if the file exists.

        checkpoint: its path in the first process, else None. execution: a name in EXECUTIONS.
        """
        _check_batch(schedule.batch, len(faces), processes.size)
        self.schedule, self.processes = schedule, processes
        self.faces, self.validation = faces, validation
        self.last_loss: float | None = None  # of the last step whose loss was read
        self.steps_per_epoch = len(faces) // schedule.batch
        total = schedule.epochs * self.steps_per_epoch
        self.steps = Steps(network, objective, schedule, total, processes, execution)
        self.saved = checkpoint and SavedState(checkpoint)
        self.progress = Progress()
        self._saved_at = time.monotonic()
        self._unchecked: tuple[int, int, PendingValue] | None = None
        self._resume()

    def run(
        self,
        on_step: Callable[[int], None],
        on_row: Callable[[dict, nn.Module], None],
        on_shares: Callable[[dict[str, float]], None] = lambda shares: None,
    ) -> Progress:
        """Train to the end.

        on_step is called with the number of faces of each step; on_row with each new row of the
        history and its network; on_shares, after the first epoch of each stage, with the share of
        each term in the loss. The last two are called only in the first process.
        """
        while self.progress.epoch < self.schedule.epochs:
            self._epoch(on_step)
            self._check_weights()
            self.progress.epoch += 1
            losses = self._mean_losses()
            if self.processes.first:
                self._tell(losses, on_shares)
                last = self.progress.epoch == self.schedule.epochs
                if last or self.progress.epoch % self.schedule.validate_every == 0:
                    self._validate(losses)
                    on_row(self.progress.history[-1], self.validated)
            self.progress.step, self.progress.sums, self.progress.summed = 0, None, 0
            self._save()
        return self.progress

    @property
    def network(self) -> nn.Module:
        """The network that is trained."""
        return self.steps.network

    @property
    def validated(self) -> nn.Module:
        """The network that is validated and kept: the moving average if there is one."""
        average = self.steps.average
        return average.module if average else self.network

    @property
    def done(self) -> int:
        """The number of faces in all steps so far."""
        return self._steps_done * self.schedule.batch

    @property
    def _steps_done(self) -> int:
        return self.progress.epoch * self.steps_per_epoch + self.progress.step

    @property
    def total(self) -> int:
        """The number of faces in all steps of the training."""
        return self.schedule.epochs * self.steps_per_epoch * self.schedule.batch

    def _epoch(self, on_step: Callable[[int], None]) -> None:
        plan, progress = self.schedule, self.progress
        self.steps.train()
        share = self.processes.share(plan.batch)
        batches = self.faces.shuffled(
            plan.seed, progress.epoch, plan.batch, plan.flip, progress.step, share
        )
        for batch in batches:
            terms = self.step(batch)
            values = torch.stack(list(terms.values())).double()
            if self.steps.stage != progress.stage:
                progress.stage, progress.sums, progress.summed = self.steps.stage, None, 0
            progress.names = list(terms)
            progress.sums = values if progress.sums is None else progress.sums + values
            progress.summed += 1
            progress.step += 1
            on_step(plan.batch)
            if time.monotonic() - self._saved_at > SECONDS_BETWEEN_CHECKPOINTS:
                self._save()

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Make a training step on this process's share of a batch; returns the losses by name."""
        progress = self.progress
        terms = self.steps(batch, self._steps_done)
        self._check()
        self._unchecked = (progress.epoch + 1, progress.step + 1, PendingValue(terms["total"]))
        return terms

    def _check(self) -> None:
        """Raise TrainingDiverged if the last step's loss is NaN or infinite.

        It is called when the next step is already queued, so that a GPU never idles; nothing is
        validated or saved before this check.
        """
        if self._unchecked is None:
            return
        epoch, step, loss = self._unchecked
        self._unchecked, self.last_loss = None, loss.value()
        if not math.isfinite(self.last_loss):
            raise self._diverged(f"the loss is {self.last_loss}", epoch, step)

    def _check_weights(self) -> None:
        """Raise TrainingDiverged if the last step left a loss or weight that is NaN or infinite.

        A finite loss can have an infinite gradient, so this is checked before weights are validated
        or saved.
        """
        self._check()
        if not self.steps.finite():
            progress = self.progress
            raise self._diverged("a weight is NaN or infinite", progress.epoch + 1, progress.step)

    def _diverged(self, what: str, epoch: int, step: int) -> TrainingDiverged:
        plan = self.schedule
        return TrainingDiverged(
            f"{what} in epoch {epoch}, step {step}; try a smaller train.learning_rate, or"
            " train.clip_norm",
            self.faces.rows_of(plan.seed, epoch - 1, plan.batch, step - 1),
        )

    def _mean_losses(self) -> dict[str, float]:
        """Mean losses over the steps of the epoch's last stage and over the processes."""
        progress = self.progress
        means = self.processes.mean(progress.sums) / progress.summed
        return dict(zip(progress.names, means.tolist(), strict=True))

    def _tell(
        self, losses: dict[str, float], on_shares: Callable[[dict[str, float]], None]
    ) -> None:
        if self.progress.told != self.progress.stage:
            self.progress.told = self.progress.stage
            on_shares(self.steps.objective.shares(losses))

    def _validate(self, losses: dict[str, float]) -> None:
        progress = self.progress
        steps = progress.epoch * self.steps_per_epoch
        last = rate_at(self.schedule, steps - 1, self.schedule.epochs * self.steps_per_epoch)
        row = {"epoch": progress.epoch, "learning_rate": last}
        scores = validate(self.validated, self.validation)
        row |= {f"train/{name}": value for name, value in losses.items()}
        row |= {f"validation/{name}": value for name, value in scores.items()}
        progress.history.append(row)
        adversarial = "adversarial" in self.steps.objective.weights
        later = progress.best_stage != progress.stage
        if adversarial or later or scores["psnr"] > progress.best_psnr:
            progress.best_psnr, progress.best_epoch = scores["psnr"], progress.epoch
            progress.best_stage = progress.stage
            progress.best = deepcopy(self.validated.state_dict())

    def _save(self) -> None:
        self._saved_at = time.monotonic()
        if not self.processes.first:
            return
        self._check_weights()
        self.saved.save(self.steps.state() | {"progress": vars(self.progress)})

    def _resume(self) -> None:
        state = self.processes.from_first(self.saved.load() if self.processes.first else None)
        if state is None:
            return
        self.steps.load(state)
        self.progress = Progress(**state["progress"])
        if self.progress.sums is not None:
            self.progress.sums = self.progress.sums.to(self.steps.device)


def _check_batch(batch: int, faces: int, processes: int) -> None:
    if faces < batch:
        raise ValueError(
            f"train.batch = {batch}: more than the {counted(faces, 'face')} to train on"
        )
    if batch % processes:
        raise ValueError(f"train.batch = {batch} cannot be shared by {processes} processes")
