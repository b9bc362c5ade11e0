"""Damaged and malicious photographs: each gives a picture or a reason, within the limits."""

import csv
import json

import numpy as np
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from odd_images import PNG, png_chunks, png_of, whole_pictures

from pipeline import crop
from wnet.data.shards import Shards
from wnet.photographs.images import UnreadableImage, decode

WHOLE = whole_pictures()
FEW_PIXELS = 10_000


@st.composite
def damaged(draw) -> bytes:
    """One of the pictures, cut off, with changed bytes (mostly in its header), or with added ones.

    The checksums of a PNG are corrected, or its decoder would read nothing.
    """
    data = bytearray(WHOLE[draw(st.sampled_from(sorted(WHOLE)))])
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, min(len(data), draw(st.sampled_from((64, 400, 1 << 20)))) - 1))
        match draw(st.sampled_from(("change", "cut", "put in", "repeat"))):
            case "change":
                data[place] = draw(st.integers(0, 255))
            case "cut":
                del data[place + 1 :]
            case "put in":
                data[place:place] = draw(st.binary(min_size=1, max_size=8))
            case "repeat":
                data[place:place] = data[place : place + draw(st.integers(1, 99))]
    return png_of(png_chunks(data)) if data.startswith(PNG) else bytes(data)


def outcome(data: bytes) -> np.ndarray | str:
    try:
        return decode(data, FEW_PIXELS)
    except UnreadableImage as error:
        return str(error)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(WHOLE["tiff fax"][:-2])
@given(damaged())
def test_any_damage_gives_a_picture_or_a_message_and_always_the_same(data):
    first = outcome(data)
    if isinstance(first, str):
        assert first
        assert "\n" not in first
    else:
        assert first.dtype == np.uint8
        assert first.ndim == 3
        assert first.shape[2] == 3
        assert first.shape[0] * first.shape[1] <= FEW_PIXELS
    np.testing.assert_array_equal(outcome(data), first)


def test_the_stage_accounts_for_every_hostile_file(project, edit_params):
    whole = {"rule": "centre", "min_side": 1, "faces_per_shard": 100}
    edit_params({f"recipes.sample.crop.{key}": value for key, value in whole.items()})
    edit_params({"crop.max_pixels": FEW_PIXELS})
    folder = project / "data/raw/sample"
    folder.mkdir(parents=True)
    random = np.random.default_rng(5)
    for number, (name, whole) in enumerate(sorted(WHOLE.items())):
        for part in range(8):
            data = bytearray(whole)
            for place in random.integers(0, len(data), part):
                data[place] = random.integers(0, 256)
            cut = len(data) - int(random.integers(0, len(data))) * (part % 3 == 2)
            (folder / f"{number:02} {name} {part}.jpg").write_bytes(data[:cut])
    with (folder / "long.tif").open("wb") as file:
        file.truncate(1 << 40)  # a terabyte, none of it on the disk
    arguments = ["sample", "data/raw/sample", "out", "counts.json", "m.json"]
    result = CliRunner().invoke(crop.main, arguments)
    assert result.exit_code == 0, result.output
    counts = json.loads((project / "counts.json").read_text())
    with (project / "out/rejected.csv").open(newline="", encoding="utf-8") as file:
        ledger = {row["name"]: row for row in csv.DictReader(file)}
    cropped = set(Shards(project / "out").names)
    assert cropped | set(ledger) == {path.name for path in folder.iterdir()}
    assert not cropped & set(ledger)
    assert counts["found"] == counts["cropped"] + sum(counts["rejected"].values()) == 153
    assert ledger["long.tif"]["reason"] == "oversized"
    assert all(row["detail"] for row in ledger.values())
    assert len(cropped) > 30
    assert len(ledger) > 30
