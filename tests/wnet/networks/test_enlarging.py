"""The enlargement inside networks, against Pillow's, which makes the tables' bicubic faces."""

import numpy as np
import pytest
import torch
from network_configs import TINY, changed
from PIL import Image
from torch import Tensor, nn

from wnet.networks.blocks import enlarge
from wnet.networks.by_name import build, config_of


def test_a_face_is_pillow_s_bicubic_but_for_pillow_s_rounding_between_its_passes(drawn_faces):
    for scale, within in ((4, 4), (8, 7)):
        lr, wanted = reduced(drawn_faces, scale)
        found = enlarge(lr, scale) * 255
        torch.testing.assert_close(found, found.round(), rtol=0, atol=1e-4)
        assert (found - wanted).abs().max() <= within + 0.01
        assert (found - wanted).abs().mean() < 0.3


@pytest.mark.parametrize("scale", [4, 8])
@pytest.mark.parametrize("name", ["vdsr", "wnet", "srcnn"])
def test_a_network_that_learnt_nothing_yet_is_the_bicubic_of_the_tables(name, scale, drawn_faces):
    lr, wanted = reduced(drawn_faces, scale)
    config = {
        "vdsr": config_of("vdsr")(width=4, depth=2),
        "wnet": changed(TINY, global_residual="bicubic"),
        "srcnn": config_of("srcnn")(kernels=(1, 1, 1), channels=(3, 3)),
    }[name]
    network = build(name, config, scale).eval()
    if name == "vdsr":
        nn.init.zeros_(network.body[-1].weight)
    if name == "srcnn":
        for layer in (network.extract, network.map, network.reconstruct):
            nn.init.dirac_(layer.weight)
            nn.init.zeros_(layer.bias)
    with torch.no_grad():
        assert (network(lr)["sr"] * 255 - wanted).abs().mean() < 0.3  # a = -0.75: over 1


def reduced(faces, scale: int) -> tuple[Tensor, Tensor]:
    """LR faces, 0 to 1, and these enlarged to 128 pixels by Pillow, in levels."""
    small = [Image.fromarray(face.image).resize((128 // scale,) * 2) for face in faces]
    large = [np.asarray(face.resize((128, 128), Image.Resampling.BICUBIC)) for face in small]
    lr, wanted = (
        torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() for images in (small, large)
    )
    return lr / 255, wanted
