"""Picture formats by their first bytes, and the software for those that not every Pillow reads."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import features

HEAD = 128  # bytes at the beginning of a file that identify its format


@dataclass(frozen=True)
class Format:
    """A picture format.

    Attributes:
        name: its usual name. pillow: Pillow's name for it.
        head: the pattern of its first bytes.
        load: makes Pillow able to read it, or raises ImportError; None if no Pillow can.
        cure: what reads it.
    """

    name: str
    head: re.Pattern[bytes]
    cure: str
    pillow: str = ""
    load: Callable[[], None] | None = None

    def is_read(self) -> bool:
        """Load its reader; False if the installed packages have none."""
        try:
            if self.load:
                self.load()
            return self.load is not None
        except ImportError:
            return False


def _avif() -> None:
    from PIL import AvifImagePlugin

    if not features.check("avif"):
        raise ImportError
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each thread reserves address space, which is limited


def _heif() -> None:
    from pillow_heif import HeifImagePlugin, options  # noqa: F401 (the plugin registers itself)

    options.DECODE_THREADS = 1


def _jpeg_2000() -> None:
    from PIL import Jpeg2KImagePlugin  # noqa: F401 (it registers itself)

    if not features.check("jpg_2000"):
        raise ImportError


def _brand(names: bytes) -> re.Pattern[bytes]:
    """The pattern of an ISO container: `ftyp`, then a four-letter brand for each format that it
    follows."""
    return re.compile(rb"(?s).{4}ftyp(?:.{4})*?(?:" + names + rb")")


_DEVELOP = "develop it to TIFF, PNG or JPEG (darktable, RawTherapee)"
RAW = Format(
    "a camera's raw file",
    re.compile(rb"(?s)II\*\0.{4}CR|.{4}ftypcrx|FUJIFILMCCD-RAW|II(?:RO|RS|U\0)|FOVb|\0MRM"),
    _DEVELOP,
)
FORMATS = (
    RAW,
    Format("AVIF", _brand(rb"avi[fs]"), "Pillow 11.3 or newer reads it", "AVIF", _avif),
    Format(
        "HEIF (HEIC)",
        _brand(rb"hei[cmsx]|hev[cmsx]|mif1|msf1"),
        "pip install 'wnet-fsr[heif]' reads it",
        "HEIF",
        _heif,
    ),
    Format(
        "JPEG XL",
        re.compile(rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"),
        "djxl of libjxl converts it to JPEG or PNG",
    ),
    Format(
        "JPEG 2000",
        re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"),
        "a Pillow with OpenJPEG reads it",
        "JPEG2000",
        _jpeg_2000,
    ),
    Format("JPEG XR", re.compile(rb"II\xbc"), "save it as TIFF or PNG"),
    Format("Photoshop", re.compile(rb"8BPS"), "save it as TIFF or PNG"),
    Format("GIMP", re.compile(rb"gimp xcf "), "save it as TIFF or PNG"),
    Format("PCX", re.compile(rb"\x0a[\0-\x05]\x01[\x01\x02\x04\x08]"), "save it as TIFF or PNG"),
    Format("OpenEXR", re.compile(rb"\x76\x2f\x31\x01"), "save it as TIFF or PNG of 8 or 16 bits"),
    Format("Radiance HDR", re.compile(rb"#\?RADIANCE"), "save it as TIFF or PNG of 8 or 16 bits"),
)
SUFFIX = re.compile(
    r"\.(jpe?g|jpe|jfif?|jif|mpo|a?png|bmp|dib|gif|webp|tiff?|ppm|pgm|pbm|pnm|avifs?|hei[cf]|hif|jxl"
    r"|jp2|j2k|jpf|jpx|jxr|psd|xcf|tga|pcx|exr|hdr|dng|cr[23w]|nef|nrw|arw|srf|sr2|raf|orf|rw2|pef|srw|x3f|mrw"
    r"|3fr|iiq)$",
    re.IGNORECASE,
)
"""Suffixes of photographs, whatever the files contain."""
_READ_BY_ALL = re.compile(r"\.(jpe?g|jpe|jfif?|png|bmp|gif|webp|ppm|pgm)$", re.IGNORECASE)
_USUAL = re.compile(
    rb"(?s)\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|RIFF.{4}WEBP|II\*\0|MM\0\*"
    rb"|BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0{3}"
)


def is_rare(name: str) -> bool:
    """Whether a file named so may be a photograph that nothing installed can read."""
    return not _READ_BY_ALL.search(name)


def format_of(head: bytes) -> Format | None:
    """The entry of FORMATS to which a file belongs, by its first HEAD bytes."""
    box = int.from_bytes(head[:4], "big") if head[4:8] == b"ftyp" else HEAD
    return next((kind for kind in FORMATS if kind.head.match(head[:box])), None)


def is_picture(head: bytes) -> bool:
    """Whether a file of any name is a picture, by its first HEAD bytes."""
    return _USUAL.match(head) is not None or format_of(head) is not None


def rare_kind(data: bytes) -> str | None:
    """What a JPEG or TIFF is that no Pillow knows, and what to do; None for other bytes."""
    if data.startswith((b"II*\0", b"MM\0*")):
        return "a rare kind of TIFF: save it with 8 or 16 unsigned bits and another compression"
    place = 2
    while data.startswith(b"\xff\xd8") and place + 4 < len(data) and data[place] == 0xFF:
        marker, precision = data[place + 1], data[place + 4]
        if marker == _JPEG_LS:
            return "JPEG-LS: save it as PNG (CharLS)"
        if marker in _LOSSLESS or (marker in _FRAMES and precision != 8):
            what = "lossless" if marker in _LOSSLESS else f"of {precision} bits"
            return f"a JPEG that is {what}: save it as PNG (djpeg of libjpeg-turbo 3)"
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None


_JPEG_LS, _LOSSLESS = 0xF7, (0xC3, 0xC7, 0xCB, 0xCF)  # markers of the frames of JPEG
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
