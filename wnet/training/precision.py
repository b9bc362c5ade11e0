"""The choice of a training's precision, by timing a few of its steps in each."""

import time
from collections.abc import Callable, Mapping
from copy import deepcopy

import torch
from torch import nn

from wnet.data.batches import Faces
from wnet.training.execution import EXECUTIONS, STEPS_BEFORE_RECORDING
from wnet.training.objective import Objective
from wnet.training.processes import Processes
from wnet.training.settings import PRECISIONS, Schedule
from wnet.training.steps import Steps

MARGIN = 1.1  # by which bf16 must be faster to be chosen
ROUNDS, SECONDS = 7, 60.0  # timed steps of each; no round begins after so many seconds


def step_seconds(
    network: nn.Module,
    objective: Objective,
    faces: Faces,
    schedule: Schedule,
    processes: Processes,
    execution: str,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """The shortest time of a training step in each precision, in seconds.

    Copies are trained: the network, the objective and torch's random numbers remain unchanged. The
    precisions take turns, so that other load on the machine slows both. With several processes, all
    must call it.
    """
    device = next(network.parameters()).device
    share = processes.share(schedule.batch)
    batch = next(faces.batches(share.stop - share.start))
    before = STEPS_BEFORE_RECORDING + 1 if EXECUTIONS[execution].recorded else 1
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        ways = {}
        for precision in PRECISIONS:
            plan = schedule.model_copy(update={"precision": precision})
            copies = deepcopy(network), deepcopy(objective)
            ways[precision] = steps = Steps(*copies, plan, 1 << 30, processes, execution)
            steps.train()
            for done in range(before):
                steps(batch, done)["total"].item()
        shortest, begun, rounds = dict.fromkeys(PRECISIONS, float("inf")), clock(), 0
        while rounds < ROUNDS and processes.from_first(not rounds or clock() - begun < SECONDS):
            for precision, steps in ways.items():
                since = clock()
                steps(batch, before + rounds)["total"].item()  # waits for the device
                shortest[precision] = min(shortest[precision], clock() - since)
            rounds += 1
    return processes.from_first(shortest)


def faster(seconds: Mapping[str, float]) -> str:
    """The precision to train in: `bf16` where its steps are faster by MARGIN, else `fp32`."""
    return "bf16" if seconds["fp32"] >= MARGIN * seconds["bf16"] else "fp32"
