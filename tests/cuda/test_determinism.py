"""WNET_DETERMINISTIC=1: bit-identical results in separate processes."""

import os
import subprocess
import sys

import pytest
from small_project import ROOT

pytestmark = pytest.mark.cuda
TRAINING = """
import hashlib, sys
import torch
from pathlib import Path
from benchmarks.step_counts import network_of, random_faces, training_of
from pipeline.harness import environment

environment.choose_kernels()
network = network_of("wnet-small", 8, "cuda", {})
faces = random_faces(8, 8, 128, "cuda")
training = training_of("wnet-small", network, faces, False, sys.argv[1], batch=4)
for epoch in range(3):
    for batch in faces.shuffled(1, epoch, 4, True, 0):
        training.step(batch)
digest = hashlib.sha256()
for value in network.state_dict().values():
    digest.update(value.cpu().numpy().tobytes())
print(digest.hexdigest())
"""


def trained(execution: str) -> str:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", TRAINING, execution],
        cwd=ROOT,
        env=os.environ | {"WNET_DETERMINISTIC": "1", "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


@pytest.mark.parametrize("execution", ["eager", "eager-graphs"])
def test_two_trainings_end_in_the_same_bits(execution):
    assert trained(execution) == trained(execution)
