"""The stage `pyramid`: Pillow's bicubic of the faces and of the skin maps, paired by name."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from params_file import edit_resolved
from PIL import Image

from pipeline import pyramid
from wnet.data.shards import Shards, write_index, write_shard


@pytest.fixture
def prepared(project, random):
    hr = random.integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)
    skin = (random.random((5, 64, 64)) < 0.5).astype(np.uint8)
    for folder, columns in (("crop", {"hr": hr}), ("parse", {"skin": skin})):
        (project / folder).mkdir()
        for shard, rows in (("00000.h5", slice(0, 3)), ("00001.h5", slice(3, 5))):
            part = {key: values[rows] for key, values in columns.items()}
            names = np.array(["a", "b", "c", "d", "e"])[rows]
            write_shard(project / folder / shard, {"name": names, **part})
    write_index(project / "crop")
    write_index(project / "parse", Shards(project / "crop"))
    return hr, skin


def run(scale):
    edit_resolved(Path(), "pyramid", "sample-x4", {"scale": scale})
    return CliRunner().invoke(pyramid.main, ["sample-x4", "crop", "parse", f"out/x{scale}"])


@pytest.mark.parametrize("scale", [4, 8])
def test_faces_and_soft_maps_are_pillows(project, prepared, scale):
    hr, skin = prepared
    result = run(scale)
    assert result.exit_code == 0, result.output
    side = 64 // scale
    reduced = Shards(project / f"out/x{scale}").take(["e", "a"], f"lr_x{scale}", f"skin_x{scale}")
    for row, face in enumerate((4, 0)):
        small, soft = (
            np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))
            for image in (hr[face], skin[face] * 255)
        )
        np.testing.assert_array_equal(reduced[f"lr_x{scale}"][row], small)
        np.testing.assert_array_equal(reduced[f"skin_x{scale}"][row], soft)


def test_maps_of_other_faces_are_refused(project, prepared, random):
    skin = random.integers(0, 2, (3, 64, 64), dtype=np.uint8)
    names = np.array(["a", "b", "x"])
    write_shard(project / "parse/00000.h5", {"name": names, "skin": skin})
    write_index(project / "parse", Shards(project / "crop"))
    result = run(4)
    assert result.exit_code == 1
    assert "its faces differ from those of" in result.output
    assert not (project / "out").exists()
