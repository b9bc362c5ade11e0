"""Removal of metadata from picture files, so that damage in it cannot affect the pixels."""

import re
import zlib
from collections.abc import Iterator

_MOST = 1 << 20  # bytes of a colour profile, Pillow's limit


def without_metadata(data: bytes) -> bytes:
    """A JPEG, PNG, WebP, AVIF or HEIF without its metadata; any other file unchanged.

    What the pixels need is kept, and so are the orientation and the colour profile if they are
    undamaged.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return b"".join(_png(data))
    if data.startswith(b"\xff\xd8"):
        return b"".join(_jpeg(data))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        content = b"WEBP" + b"".join(_webp(data))
        return b"RIFF" + len(content).to_bytes(4, "little") + content
    if data[4:8] == b"ftyp":  # its orientation is not stored in EXIF
        return re.sub(rb"(?s)(infe.{8,10})Exif", rb"\1free", data, count=1)
    return data


def _png(data: bytes) -> Iterator[bytes]:
    """The signature and the chunks that are kept; if the file is cut off, also its end."""
    place, end = 0, 8
    while end <= len(data):
        if place == 0 or _is_kept(data[place:end]):
            yield data[place:end]
        place, end = end, end + 12 + int.from_bytes(data[end : end + 4], "big")
        if place == len(data):
            return
    yield data[place:]


def _is_kept(chunk: bytes) -> bool:
    kind, content = chunk[4:8], chunk[8:-4]
    if not kind[:1].islower():
        return True
    if kind not in (b"tRNS", b"eXIf", b"iCCP", b"cICP"):
        return False
    whole = zlib.crc32(kind + content).to_bytes(4, "big") == chunk[-4:]
    _, _, profile = content.partition(b"\0")
    return whole and (kind != b"iCCP" or _inflates(profile))


def _inflates(packed: bytes) -> bool:
    """Whether it decompresses to a profile of allowed length, as its first bytes declare."""
    inflater = zlib.decompressobj()
    try:
        inflater.decompress(packed[1:], _MOST)
    except zlib.error:
        return False
    return inflater.eof and packed.startswith(b"\0")


def _jpeg(data: bytes) -> Iterator[bytes]:
    """The segments that are kept, up to the first scan, and everything after it."""
    yield data[:2]
    place = 2
    while data[place : place + 1] == b"\xff" and data[place + 1 : place + 2] not in (b"", b"\xda"):
        marker = data[place + 1]
        alone = marker in (0x01, 0xFF) or 0xD0 <= marker <= 0xD7  # without a length
        length = 0 if alone else int.from_bytes(data[place + 2 : place + 4], "big")
        segment = data[place : place + (1 if marker == 0xFF else 2) + length]
        about = 0xE1 <= marker <= 0xEF and marker != 0xEE  # 0xEE declares the colour channels
        named = segment[4:].startswith((b"Exif\0", b"ICC_PROFILE\0"))
        if marker != 0xFE and (named or not about):
            yield segment
        place += len(segment)
    yield data[place:]


_ABOUT = {b"ICCP": 0x20, b"EXIF": 0x08, b"XMP ": 0x04}  # chunk: its flag in VP8X
_PIXELS = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF")


def _webp(data: bytes) -> Iterator[bytes]:
    """Whole chunks of pixels, orientation or colour profile."""
    chunks, place = {}, 12
    while place + 8 <= len(data):
        end = place + 8 + int.from_bytes(data[place + 4 : place + 8], "little")
        kind = data[place : place + 4]
        if end <= len(data) and (kind in _PIXELS or kind in (b"ICCP", b"EXIF")):
            chunks[place] = data[place:end] + bytes(end % 2)
        elif kind in _PIXELS:
            chunks[place] = data[place:]
        place = end + end % 2
    left = {chunk[:4] for chunk in chunks.values()}
    gone = sum(flag for kind, flag in _ABOUT.items() if kind not in left)
    for chunk in chunks.values():
        if chunk.startswith(b"VP8X"):
            chunk = chunk[:8] + bytes([chunk[8] & ~gone]) + chunk[9:]
        yield chunk
