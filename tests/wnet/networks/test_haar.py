"""The Haar wavelets against their matrix."""

import pytest
import torch

from wnet.networks.haar import haar, inverse_haar


@pytest.mark.parametrize(
    ("place", "signs"),
    # of the pixel's part in: the approximation, differences of columns, of rows, and both
    [((0, 0), (1, 1, 1, 1)), ((0, 1), (1, -1, 1, -1))]
    + [((1, 0), (1, 1, -1, -1)), ((1, 1), (1, -1, -1, 1))],
)
def test_a_pixel_has_a_half_in_each_map(place, signs):
    image = torch.zeros(1, 1, 4, 6)
    image[0, 0, 2 + place[0], 4 + place[1]] = 1
    maps = torch.cat(haar(image), 1)
    assert maps.shape == (1, 4, 2, 3)
    assert maps[0, :, 1, 2].tolist() == [sign / 2 for sign in signs]
    assert maps.abs().sum() == 2


def test_the_inverse_gives_the_image_back():
    image = torch.rand(2, 3, 6, 4, dtype=torch.float64)
    torch.testing.assert_close(inverse_haar(*haar(image)), image)
