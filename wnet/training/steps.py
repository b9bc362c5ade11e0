"""Training steps: how a batch changes a network, and its discriminator if it has one."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Adam, Optimizer, RMSprop
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from wnet.data.batches import Batch
from wnet.training.execution import EXECUTIONS, RecordedStep, check_execution, prepared, set_rate
from wnet.training.objective import Objective, Terms
from wnet.training.processes import Processes
from wnet.training.settings import PRECISIONS, Schedule


class Steps:
    """The steps of a training, and all the state that they change.

    With several processes, each trains on its share of every batch, and the gradients are averaged;
    BatchNorm uses the whole batch on CUDA (SyncBatchNorm) and the share on the CPU.

    Attributes:
        network: the network that is trained. objective: its objective.
        average: the network's moving average, or None.
        stage: the objective's stage in the last step; None before the first.
    """

    def __init__(
        self,
        network: nn.Module,
        objective: Objective,
        schedule: Schedule,
        total: int,
        processes: Processes,
        execution: str,
    ) -> None:
        """total: number of steps of the whole training. execution: a name in EXECUTIONS.

        Raises ValueError if the precision is `auto`, which `wnet.training.precision` replaces.
        """
        if schedule.precision not in PRECISIONS:
            raise ValueError(
                f"train.precision is {schedule.precision}; give {' or '.join(PRECISIONS)} here"
            )
        self.device = next(network.parameters()).device
        check_execution(execution, self.device, processes.size)
        self.network = self._placed(network, processes)
        if objective.discriminator is not None:
            objective.discriminator = self._placed(objective.discriminator, processes)
        self.objective = objective.to(self.device).train()
        self._plan, self._total = schedule, total
        self._processes, self._execution = processes, execution
        self._learnt = [weights for weights in network.parameters() if weights.requires_grad]
        self.optimizer = _optimizer(self._learnt, schedule, schedule.learning_rate)
        self._judged_by = self._critic = None
        if objective.discriminator is not None:
            judged_by = list(objective.discriminator.parameters())
            self._judged_by = judged_by
            self._critic = _optimizer(judged_by, schedule, objective.adversary.discriminator_rate)
        average = get_ema_multi_avg_fn(schedule.ema) if schedule.ema else None
        self.average = average and AveragedModel(network, multi_avg_fn=average, use_buffers=True)
        self._compiled = prepared(self.network, execution)
        self.stage: str | None = None
        self._recorded: RecordedStep | None = None

    def _placed(self, network: nn.Module, processes: Processes) -> nn.Module:
        network = network.to(self.device, memory_format=torch.channels_last)
        if processes.size > 1 and self.device.type == "cuda":
            network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        return network

    def train(self) -> None:
        """Put all that is trained into train mode."""
        self.network.train()

    def __call__(self, batch: Batch, done: int) -> Terms:
        """Train on this process's share of a batch, after `done` steps; returns the losses."""
        set_rate(self.optimizer, rate_at(self._plan, done, self._total))
        if self._critic is not None:
            set_rate(self._critic, self._discriminator_rate(done / self._total))
        stage = self.objective.enter(done / self._total)
        if stage != self.stage:
            self._begin(stage)
        terms = (self._recorded or self._learn_from)(batch)
        if self.average:
            self.average.update_parameters(self.network)
        return terms

    def _discriminator_rate(self, done: float) -> float:
        how = self.objective.adversary
        same = how.discriminator_schedule == "same"
        return how.discriminator_rate * (_fall(self._plan, done) if same else 1.0)

    def _begin(self, stage: str) -> None:
        self.stage = stage
        frozen = {id(weights) for weights in self.objective.frozen(self.network)}
        for weights in self._learnt:
            weights.requires_grad_(id(weights) not in frozen)
        scored = Scored(self._compiled, self.objective, self._plan.precision)
        self._scored = _wrapped(scored, self._processes, self.device)
        if EXECUTIONS[self._execution].recorded:
            optimizers = [one for one in (self.optimizer, self._critic) if one is not None]
            self._recorded = RecordedStep(self._learn_from, optimizers, self.device)

    def _learn_from(self, batch: Batch) -> Terms:
        """The work of a step on the device; it never waits for the device."""
        terms, sr = self._scored(batch)
        self._improve(self.optimizer, self._learnt, terms["total"])
        if self.objective.judging:
            terms = terms | self._judge(sr.detach(), batch)
        return {name: term.detach() for name, term in terms.items()}

    def _judge(self, sr: Tensor, batch: Batch) -> Terms:
        """Train the discriminator on the SR faces made before the network's own step."""
        _set_learning(self._judged_by, True)
        with torch.autocast(self.device.type, enabled=False):
            judged = self.objective.judge(sr.float(), batch)
        self._improve(self._critic, self._judged_by, torch.stack(list(judged.values())).sum())
        _set_learning(self._judged_by, False)
        return judged

    def _improve(self, optimizer: Optimizer, weights: list[Tensor], loss: Tensor) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if optimizer is self._critic:  # the network's are already averaged
            self._processes.average(weight.grad for weight in weights)
        if self._plan.clip_norm:
            nn.utils.clip_grad_norm_(weights, self._plan.clip_norm)
        optimizer.step()

    def finite(self) -> bool:
        """Whether all weights are finite; waits for the device."""
        state = [*self.network.state_dict().values()]
        if self.objective.discriminator is not None:
            state += self.objective.discriminator.state_dict().values()
        finite = [value.isfinite().all() for value in state if value.is_floating_point()]
        return bool(torch.stack(finite).all())

    def state(self) -> dict:
        """All that steps change, as a state to save."""
        judge = self.objective.discriminator
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average and self.average.state_dict(),
            "discriminator": judge and judge.state_dict(),
            "discriminator_optimizer": self._critic and self._critic.state_dict(),
        }

    def load(self, state: dict) -> None:
        """Resume from a saved state."""
        self.network.load_state_dict(state["network"])
        _load_optimizer(self.optimizer, state["optimizer"])
        if self.average:
            self.average.load_state_dict(state["average"])
        if self._critic is not None:
            self.objective.discriminator.load_state_dict(state["discriminator"])
            _load_optimizer(self._critic, state["discriminator_optimizer"])


class Scored(nn.Module):
    """A network and its objective as one module, as DistributedDataParallel needs."""

    def __init__(self, network: nn.Module, objective: Objective, precision: str) -> None:
        super().__init__()
        self.network, self.objective, self._mixed = network, objective, precision == "bf16"

    def forward(self, batch: Batch) -> tuple[Terms, Tensor | None]:
        """The terms with their total, and the SR faces, if there are any."""
        seen = batch._replace(lr=batch.lr.contiguous(memory_format=torch.channels_last))
        with torch.autocast(batch.lr.device.type, torch.bfloat16, enabled=self._mixed):
            made = self.objective.made(self.network, seen)
        return self.objective(made, batch), made.get("sr")


def rate_at(plan: Schedule, step: int, steps: int) -> float:
    """The learning rate of step number `step` of `steps`."""
    return plan.learning_rate * _fall(plan, step / steps)


def _fall(plan: Schedule, done: float) -> float:
    reached = [(share, factor) for share, factor in plan.rate_steps if share <= done]
    _, factor = max(reached, default=(0.0, 1.0))
    return factor * (0.5 * (1 + math.cos(math.pi * done)) if plan.schedule == "cosine" else 1.0)


def _optimizer(weights: Iterable[nn.Parameter], plan: Schedule, rate: float) -> Optimizer:
    if plan.optimizer == "rmsprop":
        return RMSprop(weights, lr=rate, alpha=plan.beta2, eps=plan.epsilon)
    betas = (plan.beta1, plan.beta2)
    return Adam(weights, lr=rate, betas=betas, eps=plan.epsilon, fused=True)


def _load_optimizer(optimizer: Optimizer, state: dict) -> None:
    # The checkpoint determines the learnt state, this process how steps are executed.
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({**state, "param_groups": groups})


def _set_learning(weights: Iterable[nn.Parameter], learning: bool) -> None:
    for weight in weights:
        weight.requires_grad_(learning)


def _wrapped(model: nn.Module, processes: Processes, device: torch.device) -> nn.Module:
    """The network wrapped for training by several processes."""
    if processes.size == 1:
        return model
    return DistributedDataParallel(model, [device] if device.type == "cuda" else None)
