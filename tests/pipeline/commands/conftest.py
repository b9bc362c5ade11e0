"""A network for the commands that use one."""

import pytest
import torch

from pipeline.harness.record import MADE_BY, write_record
from pipeline.settings import params
from wnet.networks.by_name import build

SCALE = 4


@pytest.fixture
def model(project, edit_params):
    """An untrained network that is not plain bicubic, as a training of the sample leaves it."""
    edit_params({"runs.wnet-small.model.width": 8})
    everything = params.load()
    torch.manual_seed(3)
    network = build("wnet", everything.runs["wnet-small"].model, SCALE)
    with torch.no_grad():
        for weights in network.parameters():
            weights.add_(0.02 * torch.randn_like(weights))
    crop = everything.recipes["sample"].crop.model_dump(mode="json")
    folder = project / "models/sample-x4/network"
    network.save_pretrained(folder)
    write_record(folder / MADE_BY, {"stage": "train", "faces": crop})
    return folder
