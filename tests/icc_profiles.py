"""Colour profiles written from their definition, for pictures with known colours."""

import struct

import numpy as np

# Primaries as XYZ of D50, from the matrices that their standards give.
DISPLAY_P3 = [(0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)]
ADOBE_RGB = [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]


SRGB_XYZ = [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141)]


def to_linear(values):
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def from_linear(values):
    values = values.clip(0, 1)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


CURVES = {  # to linear light, and as ICC's parametric curve
    "srgb": (to_linear, 3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)),
    "2.2": (lambda values: values**2.2, 0, (2.2,)),
}


def fixed(*values):
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile of version 4 for a display, or for a printer in CMYK."""
    tags = {b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249), **tags}
    kind = b"prtrCMYKLab " if space == b"CMYK" else b"mntr" + space + b"XYZ "
    start, table, content = 132 + 12 * len(tags), b"", b""
    for tag, data in tags.items():
        table += tag + struct.pack(">II", start + len(content), len(data))
        content += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI12s", start + len(content), b"\0\0\0\0", 0x04200000, kind)
    head += bytes(12) + b"acsp" + bytes(28) + fixed(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content


def curve(name):
    _, kind, numbers = CURVES[name]
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + fixed(*numbers)


def matrix_profile(primaries, name):
    tags = {kind + b"TRC": curve(name) for kind in (b"r", b"g", b"b")}
    for kind, xyz in zip((b"r", b"g", b"b"), primaries, strict=True):
        tags[kind + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*xyz)
    return profile(b"RGB ", tags)
