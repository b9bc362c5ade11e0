"""Degraded LR faces: strengths as set, reproducible, and everything else unchanged."""

import io

import numpy as np
import pytest
import torch
from batches import noise
from PIL import Image
from pydantic import ValidationError
from scipy.ndimage import gaussian_filter

from wnet.data.degradation import Degradation, DegradedFaces, drawn
from wnet.data.faces_on_device import FacesOnDevice
from wnet.data.settings import Degrade

ALL = Degrade(share=1.0, blur=(0.2, 1.0), noise=(1.0, 8.0), jpeg=(40, 95))


def one(random, blur=0.0, noise=0.0, quality=100, shift=(0, 0)):
    return Degradation(blur, noise, quality, shift, random)


def smooth(side):
    """A face's worth of smooth colours, of which a JPEG of quality 100 keeps nearly all."""
    places = np.linspace(0, 3, side)
    waves = np.sin(places)[:, None, None] * np.cos(places)[None, :, None] * (60, 50, 40)
    return (120 + waves).astype(np.uint8)


def test_blur_is_a_gaussian_of_that_deviation(random):
    lr = smooth(32)
    lr[10:14, 10:14] = 240
    made = one(random, blur=1.3)(lr).astype(float)
    wanted = gaussian_filter(lr.astype(float), (1.3, 1.3, 0), mode="nearest")
    assert np.abs(made - wanted).mean() < 1.5  # rounding, and the JPEG of quality 100


def test_noise_has_that_deviation(random):
    lr = np.full((64, 64, 3), 128, np.uint8)
    made = one(random, noise=10.0)(lr).astype(float)
    luma = made @ (0.299, 0.587, 0.114)
    expected = 10.0 * np.sqrt(0.299**2 + 0.587**2 + 0.114**2)  # chroma is halved by the JPEG
    assert luma.std() == pytest.approx(expected, rel=0.1)
    assert luma.mean() == pytest.approx(128, abs=0.5)


def test_the_jpeg_is_that_of_the_quality_and_its_blocks_begin_where_they_are_to(random):
    lr = noise(1, 4, 64)[0][0]
    file = io.BytesIO()
    Image.fromarray(lr).save(file, "JPEG", quality=50, subsampling=2)
    np.testing.assert_array_equal(one(random, quality=50)(lr), np.asarray(Image.open(file)))
    ramp = np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[:, None], 64, 1)[..., None].repeat(3, 2)
    steps = np.abs(np.diff(one(random, quality=5, shift=(0, 3))(ramp).astype(int)[:, 32, 1]))
    assert set(np.flatnonzero(steps > 12) % 8) == {(8 - 3 - 1) % 8}


def test_strengths_are_drawn_from_their_ranges_and_by_their_share():
    how = Degrade(share=0.25, blur=(0.5, 1.0), noise=(2.0, 3.0), jpeg=(30, 31))
    made = [drawn(how, 1, 0, row) for row in range(2000)]
    some = [each for each in made if each]
    assert 400 < len(some) < 600
    assert {each.quality for each in some} == {30, 31}
    for values, (low, high) in (
        ([each.blur for each in some], how.blur),
        ([each.noise for each in some], how.noise),
    ):
        assert low <= min(values) < low + 0.05
        assert high - 0.05 < max(values) <= high
    assert {each.shift[0] for each in some} == set(range(16))
    assert drawn(how.model_copy(update={"share": 0.0}), 1, 0, 0) is None


def test_the_lr_face_alone_is_degraded_and_the_same_way_whoever_asks():
    clean = FacesOnDevice(*noise(10, 4, 64), "cpu")
    faces = DegradedFaces(clean, ALL, 5)
    assert len(faces) == 10

    def seen(*asked, of=faces):
        return torch.cat([batch.lr for batch in of.shuffled(*asked)])

    for made, untouched in zip(
        faces.shuffled(1, 0, 2, True, 0), clean.shuffled(1, 0, 2, True, 0), strict=True
    ):
        assert not torch.equal(made.lr, untouched.lr)
        assert made.lr.dtype == untouched.lr.dtype
        for name in set(made._fields) - {"lr"}:
            assert torch.equal(getattr(made, name), getattr(untouched, name)), name
    whole = seen(1, 0, 2, True, 0)
    assert torch.equal(seen(1, 0, 2, True, 3), whole[6:])  # a training that resumed
    halves = [seen(1, 0, 2, True, 0, slice(at, at + 1)) for at in (0, 1)]  # two processes
    assert torch.equal(torch.stack(halves, 1).flatten(0, 1), whole)
    assert torch.equal(seen(1, 0, 5, True, 0), whole)  # another batch
    assert not torch.equal(seen(1, 1, 2, True, 0), seen(1, 1, 2, True, 0, of=clean))
    assert not torch.equal(seen(1, 0, 2, True, 0, of=DegradedFaces(clean, ALL, 6)), whole)


def test_validation_faces_are_degraded_the_same_way_each_time():
    clean = FacesOnDevice(*noise(5, 4, 64), "cpu")
    faces = DegradedFaces(clean, ALL, 5)
    once, again = ([batch.lr for batch in faces.batches(length)] for length in (2, 3))
    assert torch.equal(torch.cat(once), torch.cat(again))
    assert not torch.equal(torch.cat(once), next(clean.batches(5)).lr)


def test_a_share_of_zero_changes_no_bit():
    clean = FacesOnDevice(*noise(6, 4, 64), "cpu")
    faces = DegradedFaces(clean, ALL.model_copy(update={"share": 0.0}), 5)
    for made, untouched in zip(
        faces.shuffled(1, 0, 2, True, 0), clean.shuffled(1, 0, 2, True, 0), strict=True
    ):
        assert torch.equal(made.lr, untouched.lr)


def test_ranges_run_upwards():
    with pytest.raises(ValidationError, match="may not be larger than the second"):
        Degrade(share=1.0, blur=(1.0, 0.5), noise=(0, 1), jpeg=(40, 95))
