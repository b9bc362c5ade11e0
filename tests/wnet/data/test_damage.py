"""Damaged, swapped, missing and foreign data are detected before use, with name and remedy."""

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from pipeline import parse, pyramid, train
from wnet.data.shards import (
    FORMAT,
    DamagedShard,
    Shards,
    read_shard,
    write_index,
    write_shard,
)

TRAIN = ["sample-x4", "crop", "parse", "pyramid", "split.json", "out", "out.json"]
STAGES = {
    parse: ["sample", "crop", "maps", "maps.csv", "details.json"],
    pyramid: ["sample-x4", "crop", "parse", "reduced"],
    train: TRAIN,
}


def flip(path: Path, place: int, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


def refused(stage, said: str) -> None:
    """Check that the stage ends with one line naming file and remedy, and writes nothing."""
    result = CliRunner().invoke(stage.main, STAGES[stage])
    assert result.exit_code == 1
    assert said in result.output
    assert "run `dvc repro`" in result.output
    assert len([line for line in result.output.split("\n") if line.startswith("Error")]) == 1
    assert not [name for name in ("maps", "reduced", "out") if Path(name).exists()]


def test_a_flipped_bit_anywhere_is_found_or_has_no_effect(tmp_path, random):
    """Names, shapes, types, checksums, structure: HDF5's checksums and ours leave no gap."""
    path = tmp_path / "00000.h5"
    points = random.normal(size=(3, 4, 2)).astype(np.float32)
    write_shard(path, {"name": np.array(["a", "b", "c"]), "points": points})
    write_index(tmp_path)
    whole = path.read_bytes()
    found = []
    places = random.choice(len(whole), 200, replace=False).tolist()
    for place in (*range(0, 600, 7), *places):
        path.write_bytes(whole)
        flip(path, place, int(random.integers(8)))
        try:
            content = read_shard(path)
            assert Shards(tmp_path).names.tolist() == ["a", "b", "c"]
        except DamagedShard as error:
            found.append(str(error))
            continue
        np.testing.assert_array_equal(content["points"], points)
    assert len(found) > 100
    assert all("00000.h5" in said and "\n" not in said for said in found)


def test_a_shard_of_an_older_schema_is_named_with_the_cure(prepared):
    with h5py.File("crop/00001.h5", "a", libver=FORMAT) as file:
        file.attrs["schema"] = 2
    refused(parse, "crop/00001.h5: shard schema 2, not 4; delete the folder and run `dvc repro`")


@pytest.mark.parametrize("stage", STAGES)
def test_a_truncated_shard_is_refused(prepared, stage):
    path = Path("crop/00001.h5")
    path.write_bytes(path.read_bytes()[:5000])
    refused(stage, "crop/00001.h5: ")


@pytest.mark.parametrize("stage", STAGES)
def test_a_missing_shard_and_one_too_many_are_refused(prepared, stage):
    path = Path("crop/00001.h5")
    path.rename("kept.h5")
    refused(stage, "crop/00001.h5: is missing")
    shutil.copy("kept.h5", path)
    shutil.copy("kept.h5", "crop/00002.h5")
    refused(stage, "crop/00002.h5: is not in index.json")


@pytest.mark.parametrize("stage", STAGES)
def test_a_shard_of_another_dataset_with_the_same_names_is_refused(prepared, stage):
    """Also an undamaged one of the same faces, except for one pixel."""
    columns = read_shard(Path("crop/00001.h5"))
    altered = columns["hr"].copy()
    altered[0, 0, 0, 0] ^= 1
    for hr in (255 - columns["hr"], altered):
        write_shard(Path("crop/00001.h5"), columns | {"hr": hr})
        refused(stage, "crop/00001.h5: not the shard that index.json lists")


def test_a_shard_made_again_with_the_same_faces_is_the_same_shard(prepared):
    """Also with other parameters or versions: the earlier parsing maps still match it."""
    path = Path("crop/00001.h5")
    before = path.read_bytes()
    write_shard(path, read_shard(path))
    assert path.read_bytes() == before
    Shards(Path("parse")).check_made_from(Shards(Path("crop")))


@pytest.mark.parametrize("stage", [pyramid, train])
def test_folders_that_were_not_made_from_each_other_are_refused(prepared, stage):
    """Crops made with new parameters, with parsing maps of the old ones."""
    columns = read_shard(Path("crop/00001.h5"))
    write_shard(Path("crop/00001.h5"), columns | {"hr": columns["hr"] // 2})
    write_index(Path("crop"))
    refused(stage, "parse: not made from crop")


def test_swapped_shards_are_refused(prepared):
    for source, target in (("0", "x"), ("1", "0"), ("x", "1")):
        Path(f"parse/0000{source}.h5").rename(f"parse/0000{target}.h5")
    refused(pyramid, "parse/00000.h5: not the shard that index.json lists")


def test_names_that_do_not_pair_are_named(prepared):
    division = json.loads(Path("split.json").read_text())
    division["train"][2] = "nobody.png"
    Path("split.json").write_text(json.dumps(division))
    refused(train, "pyramid: no face is named 'nobody.png'; names are like '0.png'")


@pytest.mark.parametrize("content", ["", "{", '{"shards": {}}', "[1]"])
def test_an_invalid_index_is_refused(prepared, content):
    Path("crop/index.json").write_text(content)
    refused(parse, "crop/index.json: not an index of shards")


def test_a_folder_that_was_not_finished_is_refused(prepared):
    Path("crop/index.json").unlink()
    refused(parse, "crop: no index.json")


def test_altered_pixels_are_found_by_those_who_use_them(prepared):
    start = Shards(Path("crop")).mapped("hr")[1].base.offset
    flip(Path("crop/00001.h5"), start + 100)
    for stage in (pyramid, train):
        refused(stage, "crop/00001.h5: column hr is altered")
