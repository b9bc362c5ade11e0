"""What a network learns by: the terms of its loss, and a discriminator where it has one."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from wnet.data.batches import Batch
from wnet.training.settings import Adversarial

Terms = dict[str, Tensor]


class Objective(nn.Module):
    """Terms of a loss and what each weighs, for one kind of network.

    A network that has one of its own has `objective.py` in its folder with a function `load`, and
    the settings that this takes in `settings.py`; all others have that of `wnet.training.pixels`.

    A training may have stages. What a step computes, the weights and what rests while others learn
    change with the stage alone; a number that changes from step to step is a tensor on the device.

    Attributes:
        all_weights: of the terms that count in any stage, by name; `weights` of those that count in
            this one. Other terms are for the eye.
        features: a network whose features are compared; it never learns, and is in eval mode.
        discriminator: what learns to tell SR from HR faces, None where nothing is adversarial.
        adversary: how it learns. judging: whether it does in this stage.
        left_out: published terms that are missing, and why.
    """

    discriminator: nn.Module | None
    left_out: tuple[str, ...] = ()

    def __init__(
        self,
        weights: dict[str, float],
        features: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        adversary: Adversarial | None = None,
        begins: dict[str, float] | None = None,
    ) -> None:
        """weights: those of 0 are dropped. begins: shares of the training that other terms wait.

        `discriminator` among the latter is when that begins to learn; else it is `adversarial`.
        """
        super().__init__()
        self.weights = self.all_weights = {
            name: weight for name, weight in weights.items() if weight
        }
        if not self.weights:
            raise ValueError("every weight of loss is 0: the network would learn nothing")
        self._begins = begins or {}
        self.features = features and features.requires_grad_(False).eval()
        self.discriminator = discriminator and discriminator.requires_grad_(False)
        self.adversary = adversary
        self.judging = discriminator is not None

    def train(self, mode: bool = True) -> "Objective":
        """As in nn.Module, but the feature network stays in eval mode."""
        super().train(mode)
        if self.features is not None:
            self.features.eval()
        return self

    def enter(self, done: float) -> str:
        """Be told, before a step, the share of the training that is done; returns the stage."""
        begins = self._begins
        judged_from = begins.get("discriminator", begins.get("adversarial", 0.0))
        self.weights = {n: w for n, w in self.all_weights.items() if begins.get(n, 0.0) <= done}
        self.judging = self.discriminator is not None and judged_from <= done
        return ", ".join([*self.weights, *["discriminator"] * self.judging])

    def resting(self, network: nn.Module) -> Iterable[nn.Parameter]:
        """What does not learn in this stage."""
        return ()

    def made(self, network: nn.Module, batch: Batch) -> Terms:
        """What the network makes in training, by name; `sr` wherever the discriminator learns."""
        return network(batch.lr)

    def terms(self, made: Terms, batch: Batch) -> Terms:
        """The terms by name, without their weights; float32."""
        raise NotImplementedError

    def judge(self, sr: Tensor, batch: Batch) -> Terms:
        """What the discriminator learns by, all of one weight; of SR faces without a gradient."""
        raise NotImplementedError

    def forward(self, made: Terms, batch: Batch) -> Terms:
        """The terms and their weighted sum, `total`, in float32 also under autocast."""
        with torch.autocast(batch.hr.device.type, enabled=False):
            terms = self.terms({name: value.float() for name, value in made.items()}, batch)
        weighted = [weight * terms[name] for name, weight in self.weights.items()]
        return terms | {"total": torch.stack(weighted).sum()}

    def shares(self, means: dict[str, float]) -> dict[str, float]:
        """What part of the total each weighted term is, of mean terms."""
        weighted = {name: weight * means[name] for name, weight in self.weights.items()}
        total = sum(map(abs, weighted.values())) or 1.0
        return {name: value / total for name, value in weighted.items()}

    def compared(self, images: Tensor, wanted: Tensor) -> tuple[Any, Any]:
        """Features of SR and of HR faces; these need no gradient."""
        with torch.no_grad():
            of_wanted = self.features(wanted)
        return self.features(images), of_wanted
