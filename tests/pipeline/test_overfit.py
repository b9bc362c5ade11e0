"""W-Net can overfit: eight faces, from 16 to 64 pixels, with more than 40 dB."""

import numpy as np
import pytest
import torch
from network_configs import PAPER, changed

from wnet.data.faces_on_device import FacesOnDevice
from wnet.data.resize import bicubic
from wnet.metrics.images import psnr
from wnet.networks.network import upscale
from wnet.networks.wnet.network import WNet
from wnet.networks.wnet.objective import WNetObjective
from wnet.networks.wnet.settings import Loss
from wnet.training.loop import Training
from wnet.training.processes import Processes
from wnet.training.settings import Schedule

STEPS = 500


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_w_net_overfits_eight_faces(drawn_faces, tmp_path):
    large = np.stack([face.image for face in drawn_faces])
    hr = bicubic(large[:, 32:224, 32:224], 64, 64)
    classes = np.stack([face.classes[32:224:3, 32:224:3] for face in drawn_faces])
    skin = bicubic((classes == 1).astype(np.uint8)[..., None] * 255, 16, 16)[..., 0]
    points = np.stack([(face.points - 32) / 3 for face in drawn_faces]).astype(np.float32)
    faces = FacesOnDevice(bicubic(hr, 16, 16), hr, skin, classes, points, "cpu")
    torch.manual_seed(1)
    network = WNet(changed(PAPER, width=24, attention_reduction=4, global_residual="bicubic"), 4)
    weights = Loss(pixel_norm="l2", pixel=1, parsing=1, key_regions=0.1, perceptual=0)
    training = Training(
        network,
        WNetObjective(weights, None),
        faces,
        faces,
        Schedule(
            seed=1, epochs=STEPS, batch=8, optimizer="adam", learning_rate=3e-3, beta1=0.9,
            beta2=0.99, epsilon=1e-8, schedule="cosine", rate_steps=(), flip=False,
            precision="fp32", clip_norm=0.0, ema=0.0, validate_every=50,
        ),
        tmp_path / "checkpoint.pt",
        Processes(),
    )  # fmt: skip
    training.run(lambda faces: None, lambda row, network: print(row))
    # In train mode BatchNorm uses the batch, which is the whole train set.
    with torch.no_grad():
        sr = network.train()(next(faces.batches(8)).lr)["sr"]
    made = (sr.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
    assert psnr(made, hr, "rgb", 4).mean() > 40
    sr, _ = upscale(network.eval(), next(faces.batches(8)).lr)
    made = (sr * 255).round().byte().permute(0, 2, 3, 1).numpy()
    assert psnr(made, hr, "rgb", 4).mean() > 40
