"""The enlargement inside the comparison networks, against Pillow's, which made their input."""

import numpy as np
import pytest
import torch
from PIL import Image

from wnet.networks.blocks import enlarge, enlarge_as_data


@pytest.mark.parametrize(("scale", "within"), [(4, 4), (8, 7)])
def test_it_is_pillow_s_bicubic_but_for_pillow_s_rounding_between_its_passes(
    scale, within, drawn_faces
):
    side = 128 // scale
    small = [Image.fromarray(face.image).resize((side, side)) for face in drawn_faces]
    large = [np.asarray(face.resize((128, 128), Image.Resampling.BICUBIC)) for face in small]
    wanted = torch.from_numpy(np.stack(large)).permute(0, 3, 1, 2).float()
    lr = torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2) / 255
    found = enlarge_as_data(lr, scale) * 255
    torch.testing.assert_close(found, found.round(), rtol=0, atol=1e-4)
    assert (found - wanted).abs().max() <= within + 0.01
    assert (found - wanted).abs().mean() < 0.3
    assert (enlarge(lr, scale) * 255 - wanted).abs().mean() > 3 * (found - wanted).abs().mean()
