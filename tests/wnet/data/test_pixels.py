"""Bytes to floats and back, against NumPy and values worked out by hand."""

import numpy as np
import torch

from wnet.data.pixels import to_bytes, to_planes, to_unit

LEVELS = np.arange(256, dtype=np.uint8)


def test_planes_are_the_levels_over_255_channels_first():
    images = np.random.default_rng(5).integers(0, 256, (2, 4, 5, 3), np.uint8)
    planes = to_planes(images, "cpu")
    assert planes.dtype == torch.float32
    expected = images.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    np.testing.assert_array_equal(planes.numpy(), expected)
    np.testing.assert_array_equal(to_planes(images[..., ::-1], "cpu").numpy(), expected[:, ::-1])


def test_every_level_comes_back():
    np.testing.assert_array_equal(to_bytes(to_unit(torch.from_numpy(LEVELS))), LEVELS)
    images = LEVELS.reshape(1, 8, 8, 4)
    np.testing.assert_array_equal(to_bytes(to_planes(images, "cpu")), images)


def test_values_go_to_the_nearest_level_and_maps_keep_their_shape():
    maps = torch.tensor([[[0, 0.49, 0.51], [1, 254.49, 255]]]) / 255
    assert to_bytes(maps).tolist() == [[[0, 0, 1], [1, 254, 255]]]
    assert to_bytes(torch.tensor([0.5])).tolist() == [128]  # 127.5: the even one
