"""Small examples of the photographs that `crop` rejected, for the page."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.harness.record import made_by, read_record
from pipeline.ledger import read_rejected
from pipeline.pages.samples import Places
from wnet.photographs.decoder import Decoder, decoder
from wnet.photographs.folder import Photographs, find_photographs
from wnet.photographs.keys import photograph_of
from wnet.photographs.refusals import UnreadableImage

SIDE, QUALITY = 160, 80  # longest side in pixels, and JPEG quality


@dataclass(frozen=True, kw_only=True)
class Example:
    """A rejected photograph; `file` is its picture in the page's folder, None if there is none."""

    name: str
    detail: str
    file: str | None
    width: int = 0
    height: int = 0


def rejected_examples(places: Places, count: int, folder: Path) -> dict[str, list[Example]]:
    """Up to `count` of the photographs rejected for each reason, spread over the list.

    Photographs that `crop` could not or must not read have no picture here either. Only pixels are
    copied, no metadata.
    """
    rows = read_rejected(places.crops)
    if not rows or not count:
        return {}
    photographs = find_photographs(places.raw)
    bounded = decoder(read_record(made_by(places.crops))["parameters"]["crop"]["max_pixels"])
    examples: dict[str, list[Example]] = {}
    for reason in dict.fromkeys(row["reason"] for row in rows):
        alike = [row for row in rows if row["reason"] == reason]
        chosen = np.linspace(0, len(alike) - 1, min(count, len(alike))).round().astype(int)
        examples[reason] = [
            _example(alike[row], f"rejected-{reason.replace(' ', '_')}-{number}.jpg",
                     photographs, bounded, folder)
            for number, row in enumerate(chosen, 1)
        ]  # fmt: skip
    return examples


def _example(
    row: dict[str, str], file: str, photographs: Photographs, bounded: Decoder, folder: Path
) -> Example:
    try:
        data = photographs.read(photograph_of(row["name"]), bounded.bounds.bytes)
        image = Image.fromarray(bounded.decode(data))
    except UnreadableImage:
        return Example(name=row["name"], detail=row["detail"], file=None)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=QUALITY)
    (folder / file).write_bytes(encoded.getvalue())
    return Example(
        name=row["name"], detail=row["detail"], file=file, width=image.width, height=image.height
    )
