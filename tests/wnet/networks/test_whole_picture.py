"""Whole pictures: bicubic interpolation, with faces by a network that paints them white."""

import numpy as np
import pytest
import torch
from network_configs import TINY
from torch import nn

from wnet.crops.input_faces import Square
from wnet.data.resize import bicubic
from wnet.networks.whole_picture import enlarge, fitting_side
from wnet.networks.wnet.network import WNet


class Config:
    """The settings of a network that accepts sides that are multiples of 8."""

    def check(self, scale: int, lr_side: int) -> None:
        if lr_side % 8:
            raise ValueError(f"{lr_side} is no multiple of 8")


class White(nn.Module):
    """Estimates white, and records its inputs."""

    scale, config = 4, Config()

    def __init__(self):
        super().__init__()
        self.seen: list[torch.Tensor] = []

    def kind(self) -> str:
        return "white"

    def forward(self, lr):
        self.seen.append(lr)
        return {"sr": torch.ones(len(lr), 3, *(4 * side for side in lr.shape[2:]))}


@pytest.fixture
def image(random) -> np.ndarray:
    return random.integers(0, 200, (40, 50, 3), dtype=np.uint8)


def test_a_face_is_the_networks_inside_and_fades_into_bicubic_at_its_edges(image):
    picture, (face,) = enlarge(image, [Square((10, 5, 34, 29))], White(), 32, "cpu")
    smooth = bicubic(image[None], 160, 200)[0].astype(float)
    share = (picture - smooth) / (255 - smooth)
    assert share[80 - 20 : 80 + 20, 88 - 20 : 88 + 20].min() == 1  # around the face's centre
    outside = np.ones((160, 200), bool)
    outside[20:116, 40:136] = False
    np.testing.assert_array_equal(picture[outside], smooth[outside])
    # 24 px become 96, and an eighth of them, 12, is the margin: a cosine, from 0 to 1
    wanted = 0.5 - 0.5 * np.cos(np.pi * (np.arange(12) + 0.5) / 12)
    np.testing.assert_allclose(share[68, 40:52].mean(1), wanted, atol=0.02)
    np.testing.assert_allclose(share[20:32, 88].mean(1), wanted, atol=0.02)
    assert face.side == 24
    assert face.pixels.shape == (96, 96, 3)


def test_a_face_enters_at_its_own_size_in_a_square_that_the_network_takes(image):
    network = White()
    enlarge(image, [Square((10, 5, 31, 26))], network, 32, "cpu")
    (seen,) = network.seen
    assert seen.shape == (1, 3, 24, 24)  # 21 px, grown by one to the left and two to the right
    found = (seen[0].permute(1, 2, 0) * 255).round().byte().numpy()
    np.testing.assert_array_equal(found, image[4:28, 9:33])


def test_what_is_beyond_the_border_repeats_and_is_not_painted(image):
    network = White()
    faces = [Square((-4, -4, 12, 12)), Square((44, 30, 60, 46))]
    picture, _ = enlarge(image, faces, network, 32, "cpu")
    first = (network.seen[0][0].permute(1, 2, 0) * 255).round().byte().numpy()
    np.testing.assert_array_equal(first[4:, 4:], image[:12, :12])
    np.testing.assert_array_equal(first[0], first[4])
    assert picture.shape == (160, 200, 3)
    assert (picture[0:16, 0:16] == 255).all()
    assert (picture[150:, 190:] == 255).all()


def test_a_face_larger_than_in_training_is_enlarged_by_bicubic(image):
    network = White()
    picture, (face,) = enlarge(image, [Square((5, 2, 38, 35))], network, 32, "cpu")
    np.testing.assert_array_equal(picture, bicubic(image[None], 160, 200)[0])
    assert face.pixels is None
    assert not network.seen


def test_without_a_face_it_is_bicubic(image):
    picture, faces = enlarge(image, [], White(), 32, "cpu")
    np.testing.assert_array_equal(picture, bicubic(image[None], 160, 200)[0])
    assert faces == []


def test_sides_are_those_that_w_net_can_halve():
    network = WNet(TINY, 4)
    assert [fitting_side(network, side) for side in (1, 16, 17, 33, 64)] == [16, 16, 32, 48, 64]
