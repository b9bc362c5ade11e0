"""Scores against scikit-image, values worked out by hand, and the figures of the DIC test set."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from wnet.data.resize import bicubic
from wnet.metrics.images import psnr, ssim

PROTOCOLS = ("dic", "sparnet", "rgb")


@pytest.fixture
def pair():
    """Six smooth random pictures and noisy versions of them."""
    random = np.random.default_rng(3)
    hr = bicubic(random.integers(0, 256, (6, 9, 8, 3), dtype=np.uint8), 61, 48)
    noise = random.normal(0, 12, hr.shape) * np.arange(1, 7).reshape(6, 1, 1, 1)
    return np.clip(hr + noise, 0, 255).astype(np.uint8), hr


def compared(image, protocol, scale):
    """What scikit-image should compare: Y in whole levels, or RGB."""
    if protocol == "rgb":
        return image
    y = 16 + image.astype(np.float64) @ (65.481, 128.553, 24.966) / 255
    if protocol == "dic":
        return np.round(y).astype(np.uint8)[scale:-scale, scale:-scale]
    return (y + 1e-9).astype(np.uint8)  # a sum of floats can end just below its whole level


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("scale", [4, 8])
def test_psnr_and_ssim_equal_scikit_image(pair, protocol, scale):
    planes = [[compared(image, protocol, scale) for image in images] for images in pair]
    gaussian = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    axis = -1 if protocol == "rgb" else None
    expected_psnr = [
        peak_signal_noise_ratio(y, x, data_range=255) for x, y in zip(*planes, strict=True)
    ]
    expected_ssim = [
        structural_similarity(x, y, data_range=255, channel_axis=axis, **gaussian)
        for x, y in zip(*planes, strict=True)
    ]
    np.testing.assert_allclose(psnr(*pair, protocol, scale), expected_psnr, atol=1e-9)
    np.testing.assert_allclose(ssim(*pair, protocol, scale), expected_ssim, atol=1e-9)


def test_psnr_by_hand():
    hr = np.full((1, 32, 32, 3), 100, np.uint8)
    sr = hr + np.uint8(10)  # Y = 16 + 0.8588 R: from 101.88 to 110.47
    assert psnr(sr, hr, "rgb", 4) == pytest.approx(20 * np.log10(255 / 10))
    assert psnr(sr, hr, "dic", 4) == pytest.approx(20 * np.log10(255 / (110 - 102)))
    assert psnr(sr, hr, "sparnet", 4) == pytest.approx(20 * np.log10(255 / (110 - 101)))


def test_luma_of_white_is_not_truncated_below_235():
    white, black = np.full((1, 16, 16, 3), 255, np.uint8), np.zeros((1, 16, 16, 3), np.uint8)
    assert psnr(white, black, "sparnet", 4) == pytest.approx(20 * np.log10(255 / (235 - 16)))


def test_ssim_of_flat_images_by_hand():
    hr = np.full((1, 20, 20, 3), 80, np.uint8)
    c1 = (0.01 * 255) ** 2
    expected = (2 * 80 * 120 + c1) / (80**2 + 120**2 + c1)  # no variance: only the luminance term
    assert ssim(hr + np.uint8(40), hr, "rgb", 4) == pytest.approx(expected)


def test_dic_ignores_the_border_and_the_others_do_not(pair):
    sr, hr = pair
    damaged = sr.copy()
    damaged[:, :4] = 255 - damaged[:, :4]
    for score in (psnr, ssim):
        np.testing.assert_array_equal(score(damaged, hr, "dic", 4), score(sr, hr, "dic", 4))
        assert (score(damaged, hr, "dic", 3) < score(sr, hr, "dic", 3)).all()
        assert (score(damaged, hr, "sparnet", 4) < score(sr, hr, "sparnet", 4)).all()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_equal_images_are_infinitely_good(pair, protocol):
    _, hr = pair
    assert (psnr(hr, hr, protocol, 4) == np.inf).all()
    np.testing.assert_allclose(ssim(hr, hr, protocol, 4), 1)


@pytest.mark.parametrize(
    ("scale", "decibels", "similarity"), [(4, 27.493, 0.7999), (8, 23.534, 0.6258)]
)
def test_bicubic_on_the_dic_test_set(scale, decibels, similarity):
    root = os.environ.get("WNET_REAL_DATA")
    if not root:
        pytest.skip("WNET_REAL_DATA names no folder of photographs")
    files = sorted(Path(root, "celeba_dic", "HR").glob("*.png"))
    assert len(files) == 200
    hr = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    sr = bicubic(bicubic(hr, 128 // scale, 128 // scale), 128, 128)
    assert psnr(sr, hr, "dic", scale).mean() == pytest.approx(decibels, abs=0.002)
    assert ssim(sr, hr, "dic", scale).mean() == pytest.approx(similarity, abs=0.0003)


def test_refuses_what_cannot_be_compared(pair):
    sr, hr = pair
    for score in (psnr, ssim):
        with pytest.raises(ValueError, match=r"\(6, 61, 48, 3\) and \(6, 60, 48, 3\)"):
            score(sr, hr[:, :60], "rgb", 4)
        with pytest.raises(ValueError, match=r"uint8 .* float64"):
            score(sr.astype(float), hr, "rgb", 4)
        with pytest.raises(ValueError, match=r"'ycbcr'.*dic, sparnet and rgb"):
            score(sr, hr, "ycbcr", 4)
        with pytest.raises(ValueError, match="border of 24 px off 61 x 48"):
            score(sr, hr, "dic", 24)
    with pytest.raises(ValueError, match="11 x 11 pixels or more, got 10 x 48"):
        ssim(sr[:, :10], hr[:, :10], "rgb", 4)
