"""Objectives: the terms of a network's loss, and its discriminator if it has one."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from wnet.data.batches import Batch
from wnet.training.settings import Adversarial

Terms = dict[str, Tensor]


class Objective(nn.Module):
    """The terms of a loss and their weights, for one kind of network.

    A network with its own objective has `objective.py` in its folder, with a function `load`, and
    the settings for it in `settings.py`; all others use `wnet.training.pixels`.

    A training may have stages. The computation of a step, the weights and the frozen parameters
    change only with the stage; a number that changes from step to step is a tensor on the device.

    Attributes:
        all_weights: weights of the terms that count in any stage, by name; `weights`: in this one.
            Other terms are only logged.
        features: a frozen network, in eval mode, whose features are compared.
        discriminator: a network that learns to distinguish SR from HR faces, or None.
        adversary: settings of its training. judging: whether it is trained in this stage.
        left_out: terms of the publication that are missing here, and why.
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
        """weights: terms of weight 0 are dropped. begins: when terms begin, as a share of training.

        In `begins`, `discriminator` is when its training begins; by default, that of `adversarial`.
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
        """As nn.Module.train, but the feature network remains in eval mode."""
        super().train(mode)
        if self.features is not None:
            self.features.eval()
        return self

    def enter(self, done: float) -> str:
        """Set, before a step, the finished share of the training; returns the stage."""
        begins = self._begins
        judged_from = begins.get("discriminator", begins.get("adversarial", 0.0))
        self.weights = {n: w for n, w in self.all_weights.items() if begins.get(n, 0.0) <= done}
        self.judging = self.discriminator is not None and judged_from <= done
        return ", ".join([*self.weights, *["discriminator"] * self.judging])

    def frozen(self, network: nn.Module) -> Iterable[nn.Parameter]:
        """The parameters that are frozen in this stage."""
        return ()

    def made(self, network: nn.Module, batch: Batch) -> Terms:
        """The network's outputs in training, by name; includes `sr` if there is a discriminator."""
        return network(batch.lr)

    def terms(self, made: Terms, batch: Batch) -> Terms:
        """The terms by name, without their weights; float32."""
        raise NotImplementedError

    def judge(self, sr: Tensor, batch: Batch) -> Terms:
        """The terms of the discriminator's loss, equally weighted; `sr` has no gradient."""
        raise NotImplementedError

    def forward(self, made: Terms, batch: Batch) -> Terms:
        """The terms and their weighted sum, `total`, in float32 also under autocast."""
        with torch.autocast(batch.hr.device.type, enabled=False):
            terms = self.terms({name: value.float() for name, value in made.items()}, batch)
        weighted = [weight * terms[name] for name, weight in self.weights.items()]
        return terms | {"total": torch.stack(weighted).sum()}

    def shares(self, means: dict[str, float]) -> dict[str, float]:
        """The share of each weighted term in the total, from mean terms."""
        weighted = {name: weight * means[name] for name, weight in self.weights.items()}
        total = sum(map(abs, weighted.values())) or 1.0
        return {name: value / total for name, value in weighted.items()}

    def compared(self, images: Tensor, wanted: Tensor) -> tuple[Any, Any]:
        """Features of SR and of HR faces; those of HR faces have no gradient."""
        with torch.no_grad():
            of_wanted = self.features(wanted)
        return self.features(images), of_wanted
