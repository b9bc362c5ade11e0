"""The bicubic resize against Pillow and against exact fractions of the formula."""

import math
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wnet.data.resize import _rounded, bicubic

RANDOM = np.random.default_rng(20240600)


def photographs(count, height, width, channels, extreme=False):
    """Random pixels; extreme ones are 0 or 255, so that the overshoot must be clipped."""
    if extreme:
        return RANDOM.integers(0, 2, (count, height, width, channels), dtype=np.uint8) * 255
    return RANDOM.integers(0, 256, (count, height, width, channels), dtype=np.uint8)


def pillow(images, height, width):
    """Pillow, one axis per call: its order of the two passes depends on the release."""
    resized = []
    for image in images:
        picture = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
        picture = picture.resize((width, picture.height), Image.Resampling.BICUBIC)
        resized.append(np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC)))
    return np.stack(resized).reshape(len(images), height, width, images.shape[3])


def keys_cubic(d):
    if d < 1:
        return 3 * d**3 / 2 - 5 * d**2 / 2 + 1
    return -(d**3) / 2 + 5 * d**2 / 2 - 4 * d + 2 if d < 2 else Fraction(0)


def formula_weights(size_in, size):
    """Keys' cubic with a = -1/2 in exact fractions, then 22 fractional bits as integers."""
    ratio = Fraction(size_in, size)
    stretch = max(ratio, Fraction(1))
    rows = []
    for output in range(size):
        centre = (output + Fraction(1, 2)) * ratio
        raw = [keys_cubic(abs(i + Fraction(1, 2) - centre) / stretch) for i in range(size_in)]
        fixed = [weight / sum(raw) * 2**22 for weight in raw]
        rows.append([int(math.copysign(math.floor(abs(f) + Fraction(1, 2)), f)) for f in fixed])
    return np.array(rows, dtype=np.int64)


def formula(plane, height, width, width_first=True):
    """Resize one channel: two passes of integer sums, each rounded and clipped to 0-255."""
    for axis in (1, 0) if width_first else (0, 1):
        size = (height, width)[axis]
        if plane.shape[axis] != size:
            weights = formula_weights(plane.shape[axis], size)
            sums = np.tensordot(weights, plane.astype(np.int64), axes=(1, axis))
            plane = np.clip((np.moveaxis(sums, 0, axis) + 2**21) >> 22, 0, 255)
    return plane


@pytest.mark.parametrize(
    ("source", "target"),
    [((16, 16), (2, 2)), ((4, 4), (32, 32)), ((7, 5), (3, 9)), ((13, 1), (4, 6)), ((9, 8), (9, 3))],
)
@pytest.mark.parametrize("extreme", [False, True])
def test_equals_the_formula(source, target, extreme):
    images = photographs(2, *source, 3, extreme)
    resized = bicubic(images, *target)
    for image, small in zip(images, resized, strict=True):
        for channel in range(3):
            np.testing.assert_array_equal(
                small[..., channel], formula(image[..., channel], *target)
            )


def test_width_comes_first():
    (image,) = photographs(1, 60, 20, 1, extreme=True)
    plane = image[..., 0]
    expected = formula(plane, 9, 15)
    assert (expected != formula(plane, 9, 15, width_first=False)).any()
    np.testing.assert_array_equal(bicubic(image[None], 9, 15)[0, ..., 0], expected)


def test_equals_pillow_for_random_sizes():
    for case in range(150):
        height_in, width_in = (int(size) for size in RANDOM.integers(1, 90, 2))
        height, width = (int(size) for size in RANDOM.integers(1, 150, 2))
        channels = (1, 3)[case % 2]
        images = photographs(2, height_in, width_in, channels, extreme=case % 4 > 1)
        message = f"{height_in}x{width_in}x{channels} to {height}x{width}"
        resized = bicubic(images, height, width)
        np.testing.assert_array_equal(resized, pillow(images, height, width), err_msg=message)


@pytest.mark.parametrize(
    ("source", "target"), [(128, 16), (128, 32), (16, 128), (32, 128), (178, 128), (512, 128)]
)
def test_equals_one_call_of_pillow_from_square_to_square(source, target):
    images = photographs(3, source, source, 3)
    size, cubic = (target, target), Image.Resampling.BICUBIC
    expected = [np.asarray(Image.fromarray(image).resize(size, cubic)) for image in images]
    np.testing.assert_array_equal(bicubic(images, target, target), expected)


def test_equals_pillow_where_images_span_several_blocks():
    for shape, target in [((40, 128, 128, 3), (16, 16)), ((1, 1500, 1100, 3), (97, 128))]:
        images = photographs(*shape)
        np.testing.assert_array_equal(bicubic(images, *target), pillow(images, *target))
    column = photographs(1, 300_000, 1, 1)
    np.testing.assert_array_equal(bicubic(column, 1, 1), pillow(column, 1, 1))


def test_equals_pillow_on_photographs():
    root = os.environ.get("WNET_REAL_DATA")
    if not root:
        pytest.skip("WNET_REAL_DATA names no folder of photographs")
    files = sorted(Path(root, "celeba_dic", "HR").glob("*.png"))[:40]
    hr = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    for side in (16, 32):
        lr = bicubic(hr, side, side)
        np.testing.assert_array_equal(lr, pillow(hr, side, side))
        np.testing.assert_array_equal(bicubic(lr, 128, 128), pillow(lr, 128, 128))


def test_leaves_its_input_alone():
    whole = photographs(2, 40, 30, 3)
    before = whole.copy()
    cut = whole[:, 5:35:2, ::-1]  # not contiguous
    np.testing.assert_array_equal(bicubic(cut, 10, 11), pillow(cut.copy(), 10, 11))
    same = bicubic(whole, 40, 30)
    same[:] = 0
    np.testing.assert_array_equal(whole, before)


def test_takes_an_empty_batch():
    assert bicubic(np.empty((0, 8, 8, 3), np.uint8), 4, 2).shape == (0, 4, 2, 3)


@pytest.mark.parametrize(
    ("images", "target", "message"),
    [
        (np.zeros((1, 8, 8, 3)), (4, 4), "uint8 images .* float64"),
        (np.zeros((8, 8, 3), np.uint8), (4, 4), r"got \(8, 8, 3\)"),
        (np.zeros((1, 8, 8, 4), np.uint8), (4, 4), r"got \(1, 8, 8, 4\)"),
        (np.zeros((1, 0, 8, 3), np.uint8), (4, 4), r"got \(1, 0, 8, 3\)"),
        (np.zeros((1, 8, 8, 3), np.uint8), (0, 4), "cannot resize to 0 x 4"),
    ],
)
def test_refuses(images, target, message):
    with pytest.raises(ValueError, match=message):
        bicubic(images, *target)


def test_halves_and_their_neighbours_are_rounded_as_integers_are():
    """Sums are multiples of 2^-22; what the pixels of a picture add up to rarely ends in a half."""
    whole, unit = np.arange(-40, 300), 2.0**-22
    sums = np.concatenate(
        [whole + part + less * unit for part in (0.0, 0.5) for less in range(-2, 3)]
    )
    expected = np.clip(np.floor(sums + 0.5), 0, 255).astype(np.uint8)
    for shape in ((1, -1), (-1, 1), (-1, 4)):
        np.testing.assert_array_equal(_rounded(sums.reshape(shape)).ravel(), expected)
    for few in range(1, 9):  # numbers of four channels, in OpenCV, are as long as these
        for shape in ((1, -1), (-1, 1)):
            np.testing.assert_array_equal(
                _rounded(sums[:few].reshape(shape)).ravel(), expected[:few]
            )
