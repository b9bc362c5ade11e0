"""The files that `wnet upscale` writes: their names, existing ones, and their metadata."""

import io
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from pipeline.commands.pictures import Pictures
from wnet.files.atomic import atomic_write, writing
from wnet.photographs.folder import head_of
from wnet.photographs.passed_over import MADE_HERE
from wnet.photographs.refusals import UnreadableImage

LONGEST = {"png": 2**31 - 1, "jpg": 65_535, "webp": 16_383}  # px of a side, by format
_SOFTWARE = 0x0131  # EXIF's tag
_RESULT = re.compile(r"(.+?)(\.face\d+)?\.(png|jpg|webp|json)")


@dataclass(frozen=True)
class Form:
    """The names and encoding of results; quality (1 to 100) is for JPEG and WebP."""

    suffix: str
    format: str
    quality: int


def results_there(
    asked: Pictures, out: Path, form: Form, places: bool = False
) -> dict[str, list[Path]]:
    """For each picture, the files that exist in OUT under the names of its results.

    They include results of earlier runs in other formats. places: whether JSON is also wanted.
    Raises ValueError if one of them is an input picture, and if a file is where a folder is needed
    or the reverse.
    """
    above = next(place for place in (out, *out.absolute().parents) if place.exists())
    if not above.is_dir():
        raise ValueError(f"{above} is a file; choose a folder other than {out}")
    written = (form.format, "json") if places else (form.format,)
    targets = {f"{name}{form.suffix}": name for name in asked.named}
    there: dict[str, list[Path]] = {}
    for parent in sorted({(out / target).parent for target in targets}):
        for path in sorted(parent.iterdir()) if parent.is_dir() else ():
            match = _RESULT.fullmatch(path.name)
            target = (parent / match[1]).relative_to(out).as_posix() if match else None
            if target not in targets or not (match[3] in written or _is_ours(path)):
                continue
            if path.is_dir():
                raise ValueError(f"{path} is a folder; choose a folder other than {out}")
            name = targets[target]
            if path.resolve() in asked.inputs:
                both = f"{path} would be overwritten by the result of {asked.named[name]}"
                raise ValueError(f"{both}; choose a folder other than {out}, or a --suffix")
            there.setdefault(name, []).append(path)
    return there


def write_results(
    path: Path,
    form: Form,
    made: Sequence[np.ndarray],
    places: str | None,
    there: Iterable[Path],
) -> None:
    """Write the result of a picture to PATH, or several to PATH.face1 and so on.

    places: JSON to write beside them. there: files of an earlier run, which are replaced or
    removed. Raises UnreadableImage if another file has one of the names: it is new since the
    check, or the file system ignores case.
    """
    path = path.with_name(path.name + form.suffix)
    numbers = [""] if len(made) == 1 else [f".face{number + 1}" for number in range(len(made))]
    files = {
        path.with_name(f"{path.name}{number}.{form.format}"): _encoded(picture, form)
        for number, picture in zip(numbers, made, strict=True)
    }
    if places is not None and made:
        files[path.with_name(f"{path.name}.json")] = f"{places}\n".encode()
    there = set(there)
    if taken := next((file for file in files if file not in there and os.path.lexists(file)), None):
        raise UnreadableImage(f"{taken} already exists; choose another folder")
    for old in filter(_is_ours, there.difference(files)):
        old.unlink()
    for file, content in files.items():
        with writing(file):
            file.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(file, len(content)) as part:
            part.write_bytes(content)


def _is_ours(path: Path) -> bool:
    return MADE_HERE in head_of(path)


def _encoded(picture: np.ndarray, form: Form) -> bytes:
    """Encode a picture, with its software near the beginning; raises UnreadableImage."""
    image, file = Image.fromarray(picture), io.BytesIO()
    if max(picture.shape) > LONGEST[form.format]:
        side = f"would have a side of {max(picture.shape):,} px, and {form.format} allows"
        raise UnreadableImage(f"{side} {LONGEST[form.format]:,} at most; choose another --format")
    if form.format == "png":
        note = PngImagePlugin.PngInfo()
        note.add_text("Software", MADE_HERE.decode())
        image.save(file, "PNG", pnginfo=note)
        return file.getvalue()
    exif = Image.Exif()
    exif[_SOFTWARE] = MADE_HERE.decode()
    if form.format == "jpg":
        image.save(file, "JPEG", quality=form.quality, subsampling=0, exif=exif)
        return file.getvalue()
    image.save(file, "WEBP", quality=form.quality, exif=exif)
    return _exif_first(file.getvalue())


def _exif_first(webp: bytes) -> bytes:
    """Move the EXIF data of a WebP before the pixels, which RFC 9649 permits."""
    place, chunks = 12, {}
    while place < len(webp):
        length = 8 + int.from_bytes(webp[place + 4 : place + 8], "little")
        end = place + length + length % 2
        chunks[webp[place : place + 4]] = webp[place:end]
        place = end
    first = (b"VP8X", b"EXIF")
    others = (chunk for name, chunk in chunks.items() if name not in first)
    return webp[:12] + b"".join([*(chunks[name] for name in first), *others])
