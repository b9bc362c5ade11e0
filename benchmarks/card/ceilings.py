"""The limits of the device: bandwidth of a copy, rate of products, time of a kernel launch."""

from collections.abc import Iterator

import torch

from card.arithmetic import PRECISIONS, arithmetic
from card.clock import seconds
from card.part import Card, Row, attempts

PART = "ceilings"
LAUNCHES = 1000


def rows(card: Card) -> Iterator[Row]:
    """Bytes per second of a copy, operations per second of products, microseconds per launch."""
    jobs = [("copy", lambda: _copy(card))]
    for precision in PRECISIONS:
        jobs.append((f"{precision} product", lambda precision=precision: _product(card, precision)))
    yield from attempts(card, PART, [*jobs, ("launch", lambda: _launch(card))])


def _copy(card: Card) -> dict:
    source = torch.rand(1 << 20 if card.reduced else 1 << 28, device=card.device)
    target = torch.empty_like(source)
    taken = seconds(lambda: target.copy_(source), card.device, card.reduced)
    return {"GB/s": 2 * source.nbytes / taken / 1e9}


def _product(card: Card, precision: str) -> dict:
    side = 256 if card.reduced else 8192
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    pair = [torch.randn(side, side, device=card.device, dtype=dtype) for _ in range(2)]
    with arithmetic(precision):
        taken = seconds(lambda: pair[0] @ pair[1], card.device, card.reduced)
    return {"side": side, "TFLOP/s": 2 * side**3 / taken / 1e12}


def _launch(card: Card) -> dict:
    small = torch.zeros(1, device=card.device)

    def many() -> None:
        for _ in range(LAUNCHES):
            small.add_(1)

    return {"us": seconds(many, card.device, card.reduced) / LAUNCHES * 1e6}
