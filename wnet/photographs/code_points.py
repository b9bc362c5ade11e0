"""Colour spaces that PNG (cICP), AVIF and HEIF (nclx) name by numbers of ITU-T H.273."""

from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NEAR = 1 << 16  # bytes in which AVIF and HEIF say what they are


@dataclass(frozen=True)
class CodePoints:
    """Of a picture: its primaries and its transfer function."""

    primaries: int
    transfer: int

    @property
    def is_hdr(self) -> bool:
        """Whether levels are of light on a display of any brightness, by PQ or HLG."""
        return self.transfer in (16, 18)


def code_points(data: bytes) -> CodePoints | None:
    """What a file of a picture names; None where it names nothing."""
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
    """Where the content of a chunk before the pixels begins; -1 where there is none."""
    place = len(_SIGNATURE)
    while (found := data[place + 4 : place + 8]) not in (b"", b"IDAT", kind):
        place += 12 + int.from_bytes(data[place : place + 4])
    return place + 8 if found == kind else -1
