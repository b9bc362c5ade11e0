"""Colour spaces named by numbers of ITU-T H.273 in PNG (cICP), AVIF and HEIF (nclx)."""

from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NEAR = 1 << 16  # bytes in which AVIF and HEIF declare them


@dataclass(frozen=True)
class CodePoints:
    """The primaries and the transfer function of a picture."""

    primaries: int
    transfer: int

    @property
    def is_hdr(self) -> bool:
        """Whether the transfer function is PQ or HLG, for displays of high dynamic range."""
        return self.transfer in (16, 18)


def code_points(data: bytes) -> CodePoints | None:
    """The code points in a picture's file; None if it has none."""
    place = -1
    if data.startswith(_SIGNATURE):
        place = _png_chunk(data, b"cICP")
    elif data[4:8] == b"ftyp":
        place = data.find(b"colrnclx", 0, _NEAR)
        if place >= 0:
            named = data[place + 8 : place + 12]
            return CodePoints(int.from_bytes(named[:2]), int.from_bytes(named[2:]))
    return CodePoints(*data[place : place + 2]) if 0 <= place < len(data) - 1 else None


def _png_chunk(data: bytes, kind: bytes) -> int:
    """The offset of the content of a chunk before the pixels; -1 if there is no such chunk."""
    place = len(_SIGNATURE)
    while (found := data[place + 4 : place + 8]) not in (b"", b"IDAT", kind):
        place += 12 + int.from_bytes(data[place : place + 4])
    return place + 8 if found == kind else -1
