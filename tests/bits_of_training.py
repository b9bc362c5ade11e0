"""Trains the sample's W-Net for three steps on noise, in one thread; prints a SHA-256."""

import hashlib
import os
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def main() -> None:
    from batches import noisy_faces

    from pipeline.settings import params
    from wnet.networks.by_name import build, objective_of
    from wnet.training.processes import Processes
    from wnet.training.steps import Steps

    os.chdir(ROOT)
    torch.set_num_threads(1)
    run, faces = params.load().runs["wnet-small"], noisy_faces(24, 4, 64)
    torch.manual_seed(1)
    network = build("wnet", run.model, 4)
    objective = objective_of("wnet", run.model, run.loss, 4, 64, {})
    steps = Steps(network, objective, run.train, 3, Processes(), "eager")
    steps.train()
    for done, batch in enumerate(faces.shuffled(1, 0, 8, True, 0)):
        steps(batch, done)
    digest = hashlib.sha256()
    for weights in network.state_dict().values():
        digest.update(weights.contiguous().numpy().tobytes())
    print(digest.hexdigest())


if __name__ == "__main__":
    main()
