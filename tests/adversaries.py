"""Small trainings of every network with its own objective and discriminator."""

from pathlib import Path

import torch
from network_configs import SCHEDULE, changed

from wnet.data.batches import Faces
from wnet.networks.by_name import build, config_of, loss_of, objective_of
from wnet.training.loop import Training
from wnet.training.processes import Processes

PLAN = changed(SCHEDULE, schedule="constant", rate_steps=((0.5, 0.5),))
SMALL = {
    "srresnet": {"width": 4, "blocks": 1},
    "mrrnet": {"width": 4, "blocks": 1, "discriminator_width": 4},
    "wipa": {"width": 4, "discriminator_width": 4},
    "fsrnet": {
        "width": 4, "prior_width": 4, "coarse_blocks": 1, "encoder_blocks": 1, "prior_blocks": 1,
        "hourglasses": 1, "hourglass_depth": 2, "decoder_blocks": 1, "priors": "both",
        "deconvolution": 3, "discriminator_width": 2,
    },
    "dic": {
        "width": 8, "groups": 1, "steps": 2, "fusion_blocks": 1, "hourglass_width": 8,
        "hourglass_depth": 2, "discriminator_channels": (2, 2, 2, 2),
    },
}  # fmt: skip
CRITIC = {"adversarial": 0.01, "adversarial_from": 0.5, "discriminator_rate": 1e-3}
CRITIC |= {"discriminator_schedule": "same"}
LOSSES = {
    "srresnet": {"pixel": 1.0, "perceptual": 0.0, "discriminator_width": 2},
    "mrrnet": {"pixel": 1.0, "perceptual": 0.0},
    "wipa": {
        "pixel": 1.0, "wavelets": 1.0, "perceptual": 0.0, "others_from": 0.2,
        "discriminator_from": 0.3,
    },
    "fsrnet": {"coarse": 1.0, "pixel": 1.0, "priors": 1.0, "perceptual": 0.0},
    "dic": {"pixel": 1.0, "heatmaps": 0.1, "alignment_alone": 0.2, "alignment_frozen": 0.2},
}  # fmt: skip


def training(
    name: str, faces: Faces, checkpoint: Path, how: str = "eager", device: str = "cpu", **changes
) -> Training:
    """A training of a small network at scale 4 and 32 pixels; `loss` in `how` changes its loss."""
    torch.manual_seed(3)
    config = config_of(name)(**SMALL[name])
    loss = loss_of(name)(**LOSSES[name] | CRITIC | changes.pop("loss", {}))
    network = build(name, config, 4).to(device)
    objective = objective_of(name, config, loss, 4, 32, {})
    plan = changed(PLAN, **changes)
    return Training(network, objective, faces, faces, plan, checkpoint, Processes(), how)
