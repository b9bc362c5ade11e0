"""Measurements of each pixel of a face crop, by name, from which its class is estimated.

A pixel is described by its position in the face's frame, its signed distance to the outline of
every component, its colour relative to the skin of this face, and which of two areas of this
photograph its colour resembles (for example, the inside of the brow's outline or the skin around
it).

Legend: H, W working pixels, K colour groups. Colours are CIE Lab: 0 to 100, and about -128 to 127.
"""

from __future__ import annotations

import cv2
import numpy as np

from wnet.parsing.outlines import Frame, distances

Planes = dict[str, np.ndarray]  # by name, (H, W) each


_COLOUR_STEPS = 16  # to a unit of Lab
_COEFFICIENT_STEPS = 1 << 22  # to a unit of log-density


def _blur(planes: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(planes, (0, 0), sigma)


def _quadratic(colour: np.ndarray) -> np.ndarray:
    """The ten monomials up to degree two of (H, W, 3) rounded colours, (H, 10, W) float64."""
    rounded = np.round(colour.astype(np.float64) * _COLOUR_STEPS) / _COLOUR_STEPS
    a, b, c = np.moveaxis(rounded, -1, 0)
    return np.stack([np.ones_like(a), a, b, c, a * a, b * b, c * c, a * b, a * c, b * c], axis=1)


def _log_likelihoods(colour: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The log-density (K, H, W) of each pixel's colour under the Gaussian of each group of pixels.

    A Gaussian's moments are sums of the colours' monomials, and its log-density is quadratic in the
    colours, so both are matrix products. A hundredth of a pixel of a broad Gaussian is added to
    each group, so that a group without pixels also has a density.

    Colours and coefficients are rounded so that float64 holds both products exactly (sums of up to
    2^20 colours in units of 2^-8; densities up to 2^18 in units of 2^-30): the result does not
    depend on the order in which BLAS adds.
    """
    monomials = _quadratic(colour)
    sums = (groups.swapaxes(0, 1).astype(np.float64) @ monomials.swapaxes(1, 2)).sum(axis=0)
    coefficients = np.round(_gaussians(sums) * _COEFFICIENT_STEPS) / _COEFFICIENT_STEPS
    return (coefficients @ monomials).astype(np.float32).swapaxes(0, 1)


def _gaussians(sums: np.ndarray) -> np.ndarray:
    """The coefficients (K, 10) of the log-densities from the sums (K, 10) of the monomials."""
    count = sums[:, 0, None] + 0.01
    mean = sums[:, 1:4] / count
    square = sums[:, ((4, 7, 8), (7, 5, 9), (8, 9, 6))] + 0.01 * np.diag((400.0, 100.0, 100.0))
    spread = mean[:, :, None] * mean[:, None]
    covariance = square / count[..., None] - spread + np.diag((16.0, 4.0, 4.0))
    cofactors = np.cross(covariance[:, (1, 2, 0)], covariance[:, (2, 0, 1)])
    determinant = (covariance[:, 0] * cofactors[:, 0]).sum(axis=1, keepdims=True)
    inverse = cofactors / determinant[..., None]
    linear = (inverse * mean[:, None]).sum(axis=2)
    constant = -0.5 * ((mean * linear).sum(axis=1, keepdims=True) + np.log(determinant))
    diagonal, mixed = -0.5 * inverse[:, (0, 1, 2), (0, 1, 2)], -inverse[:, (0, 0, 1), (1, 2, 2)]
    return np.concatenate([constant, linear, diagonal, mixed], axis=1)


def _tanh(plane: np.ndarray) -> np.ndarray:
    """tanh; the last bit of NumPy's depends on the processor."""
    return 1 - 2 / (cv2.exp(2 * np.clip(plane, -10, 10)) + 1)


def _skin_of(lab: np.ndarray, likely: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The typical skin colour (3,), and which likely pixels (H, W) have about that colour."""
    colours = lab[likely] if likely.any() else lab.reshape(-1, 3)
    typical = np.median(colours, axis=0)
    deviation = 1.4826 * np.median(np.abs(colours - typical), axis=0) + (3, 1.5, 1.5)
    return typical, likely & (np.abs(lab - typical) < 3 * deviation).all(-1)


def _local_skin(colour: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """The skin colour near each pixel (H, W, 3), which varies with the light across the face."""
    weight = skin.astype(np.float32)
    sums = _blur(cv2.merge([colour * weight[..., None], weight]), 10)
    return sums[..., :3] / (sums[..., 3:] + 0.1)


def _ramp(plane: np.ndarray, width: float) -> np.ndarray:
    return np.clip(plane / width, -1, 1)


def _places(x: np.ndarray, y: np.ndarray, points: np.ndarray) -> Planes:
    """Polynomials of the position, even in x except for the terms of a turned head."""
    x, y = np.clip(x, -2.6, 2.6), np.clip(y, -2.6, 2.6)  # the extent of crops with the usual margin
    turn = np.float32(points[30, 0] - (points[0, 0] + points[16, 0]) / 2)
    xx, yy = x * x, y * y
    return {
        "one": np.ones_like(x),
        "xx": xx,
        "xxxx": xx * xx / 4,
        "y": y,
        "yy": yy,
        "yyy": yy * y / 2,
        "xxy": xx * y,
        "x turn": x * turn * 3,
        "below the mouth's line": _ramp(y - np.float32(points[(62, 66), 1].mean()), 0.12),
    }


def _shapes(inside: Planes) -> Planes:
    """The measurements "near", "edge" and "far" of every outline."""
    planes = {}
    for name, distance in inside.items():
        planes[f"{name} near"] = _ramp(distance, 1.0 if name == "face" else 0.4)
        planes[f"{name} edge"] = _tanh(distance / 0.06)
        if name in ("eye", "lips"):
            planes[f"{name} inside"] = _ramp(distance, 0.03)
        if name in ("eye", "brow"):
            planes[f"{name} far"] = _tanh(distance / 0.15) ** 2
    return planes


def _groups(
    x: np.ndarray, y: np.ndarray, inside: Planes, skin: np.ndarray, points: np.ndarray
) -> Planes:
    """Masks (H, W), by name, of pixels that are typical of a component in this photograph.

    The bands around the outlines, in radii, were set by hand.
    """
    eye, brow, lips, mouth, face = (inside[k] for k in ("eye", "brow", "lips", "mouth", "face"))
    nose_base, chin = points[33, 1], points[8, 1]
    mid_x = points[27, 0]

    def around(distance: np.ndarray) -> np.ndarray:
        return (distance < -0.06) & (distance > -0.28) & (face > 0)

    outside = (face < -0.2) & (face > -0.8)
    return {
        "skin": skin,
        "eye": eye > 0,
        "eye's": around(eye) & (brow < -0.025),
        "brow": brow > 0,
        "brow's": around(brow) & (eye < -0.05),
        "lips": (lips > 0) & (mouth < 0),
        "lips'": around(lips),
        "mouth": mouth > 0.02,
        "hair": outside & (y < nose_base),
        "top": outside & (y < points[27, 1]) & (np.abs(x - mid_x) < 0.8),
        "corner": (np.abs(x - mid_x) > 1.7) & (y < nose_base),
        "neck": (face < -0.1) & (face > -0.5) & (y > chin) & (np.abs(x - points[8, 0]) < 0.7),
        "bottom": (face < -0.7) & (y > chin),
    }


def _likenesses(
    colour: np.ndarray, groups: dict[str, np.ndarray], inside: Planes, above: np.ndarray
) -> Planes:
    """Which of two groups each colour resembles, -2 to 2, by the pixel and by its neighbourhood."""
    names = list(groups)
    density = dict(
        zip(names, _log_likelihoods(colour, np.stack(list(groups.values()))), strict=True)
    )

    def like(group: str, other: str) -> np.ndarray:
        return 2 * _tanh((density[group] - density[other]) / 6)

    planes = {}
    for name, other, ground in (
        ("eye", "eye's", "eye"),
        ("brow", "brow's", "brow"),
        ("lips", "lips'", "lips"),
        ("mouth", "lips", "mouth"),
    ):
        nearby = np.clip(1 + inside[ground] / 0.25, 0, 1)
        likeness = like(name, other)
        planes[f"like {name}"] = likeness * nearby
        planes[f"like {name}, smooth"] = _blur(likeness, 1.5) * nearby
    for name, other in (("hair", "skin"), ("neck", "skin"), ("top", "corner"), ("bottom", "skin")):
        planes[f"like {name}, smooth"] = _blur(like(name, other), 2.5)
    planes["like hair, above"] = like("hair", "skin") * above
    planes["unlike skin"] = cv2.log(1 + density["skin"].max() - density["skin"])
    planes["unlike skin, smooth"] = _blur(planes["unlike skin"], 2.5)
    return planes


def _colours(colour: np.ndarray, relative: np.ndarray, typical: np.ndarray) -> Planes:
    """The colour itself, relative to the face's skin, and relative to the skin nearby."""
    scale = np.array((20, 10, 10), np.float32)
    relative = np.clip(relative / scale, -3, 3)
    smooth = _blur(relative, 2.5)
    planes = {}
    for channel, letter in enumerate("Lab"):
        plane = relative[..., channel]
        planes[letter] = plane
        planes[f"{letter} squared"] = plane * plane / 2
        planes[f"{letter}, smooth"] = smooth[..., channel]
        absolute = (colour[..., channel] + typical[channel]) / scale[channel]
        planes[f"{letter} of all"] = (absolute / 2 - 1).astype(np.float32)
    return planes


def measure(image: np.ndarray, frame: Frame) -> Planes:
    """All measurements of a crop (H, W, 3) on the working grid, in a fixed order."""
    shape, points = image.shape[:2], frame.points
    x, y = frame.coordinates(shape)
    inside = distances(frame, shape)
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    plain = (inside["face"] > 0.15) & (y > points[27, 1]) & (y < points[57, 1])
    for name in ("eye", "brow", "lips"):
        plain &= inside[name] < -0.1
    typical, skin = _skin_of(lab, plain)
    colour = (lab - typical).astype(np.float32)
    above = _ramp(points[27, 1] - y, 0.6).clip(0, 1).astype(np.float32)
    groups = _groups(x, y, inside, skin, points)
    return {
        **_places(x, y, points),
        **_shapes(inside),
        **_colours(colour, colour - _local_skin(colour, skin), typical),
        **_likenesses(colour, groups, inside, above),
    }
