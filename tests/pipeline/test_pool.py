"""The stage `pool`: two datasets as one, with names that cannot collide and pixels that are not
copied. tests/test_pools.py has it with DVC."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from pipeline import pool
from wnet.data.shards import Shards, write_index, write_shard
from wnet.data.splits import SUBSETS, read_split

NAMES = ["a.jpg", "b.jpg", "deep/c.jpg", "b.jpg#2"]


@pytest.fixture
def hr(random):
    """Eight faces of which the last is the first."""
    faces = random.integers(0, 256, (7, 32, 32, 3), dtype=np.uint8)
    return np.concatenate([faces, faces[:1]])


@pytest.fixture
def members(project, hr):
    """Two datasets whose faces have the same names, the first in two shards."""
    for name, rows, shards in (("one", hr[:4], 2), ("two", hr[4:], 1)):
        for stage, key in (("crop", "hr"), ("parse", "classes")):
            folder = project / stage / name
            folder.mkdir(parents=True)
            for number, part in enumerate(np.array_split(np.arange(4), shards)):
                columns = {"name": np.array(NAMES)[part], key: rows[part]}
                write_shard(folder / f"{number:05}.h5", columns)
        write_index(project / "crop" / name)
        write_index(project / "parse" / name, Shards(project / "crop" / name))
    divide(project, "one", ["a.jpg"], ["b.jpg"], ["deep/c.jpg"])
    divide(project, "two", ["a.jpg", "b.jpg"], [], ["b.jpg#2"])
    return project


def divide(project, name: str, *subsets: list[str]) -> None:
    (project / f"{name}.json").write_text(json.dumps(dict(zip(SUBSETS, subsets, strict=True))))


def run(project, near_copies: str = "listed", one: str = "one", two: str = "two", to: str = "out"):
    """Run the stage on two datasets with these names."""
    of = [{"dataset": name, "split": "members"} for name in (one, two)]
    entry = {"parameters": {"weights": {}, "pool": {"of": of, "near_copies": near_copies}}}
    entries = json.loads((project / "resolved.json").read_text())
    entries["pool"] = {to: {**entry, "digest": to + near_copies, "code": {}}}
    (project / "resolved.json").write_text(json.dumps(entries))
    places = [f(name) for name in (one, two, to) for f in (crops, parsing, "{}.json".format)]
    return CliRunner().invoke(pool.main, [to, *places, f"metrics/{to}.json"])


def crops(name: str) -> str:
    return f"crop/{name}"


def parsing(name: str) -> str:
    return f"parse/{name}"


def test_faces_of_both_are_read_by_dataset_and_name(members, hr):
    result = run(members)
    assert result.exit_code == 0, result.output
    made = Shards(members / "crop/out")
    assert sorted(made.names) == sorted(f"{of}/{name}" for of in ("one", "two") for name in NAMES)
    taken = made.take(["two/deep/c.jpg", "one/deep/c.jpg", "two/a.jpg"], "hr", "name")
    np.testing.assert_array_equal(taken["hr"], hr[[6, 2, 4]])
    assert list(taken["name"]) == ["two/deep/c.jpg", "one/deep/c.jpg", "two/a.jpg"]
    Shards(members / "parse/out").check_made_from(made)


def test_shards_are_hard_links_to_existing_ones(members):
    run(members)
    for stage in ("crop", "parse"):
        for name in ("one/00000.h5", "one/00001.h5", "two/00000.h5"):
            pooled = members / stage / "out" / name.replace("/", "@")
            assert pooled.samefile(members / stage / name)


def test_each_keeps_its_split_and_near_copies_are_listed(members):
    """The last face of `two`, a test face, equals the first of `one`, a training face."""
    result = run(members)
    assert read_split(members / "out.json") == {
        "train": ["one/a.jpg", "two/a.jpg", "two/b.jpg"],
        "validation": ["one/b.jpg"],
        "test": ["one/deep/c.jpg", "two/b.jpg#2"],
    }
    assert near(members) == [["one/a.jpg", "train", "two/b.jpg#2", "test", "0"]]
    assert "1 pair of near copies in two sets" in result.output
    counts = json.loads((members / "metrics/out.json").read_text())
    assert counts == {"train": 3, "validation": 1, "test": 2, "unused": 2, "near_copies": 1}


def near(project) -> list[list[str]]:
    return list(csv.reader((project / "out.near_copies.csv").open()))[1:]


def test_near_copies_of_what_is_held_out_are_left_out_where_that_is_asked(members):
    result = run(members, "left out")
    assert read_split(members / "out.json")["train"] == ["two/a.jpg", "two/b.jpg"]
    assert near(members) == [["one/a.jpg", "left out", "two/b.jpg#2", "test", "0"]]
    assert "1 pair of near copies one of which was left out" in result.output


def test_a_pool_is_a_member_of_another_and_names_do_not_grow(members, hr):
    run(members)
    for stage, key in (("crop", "hr"), ("parse", "classes")):
        folder = members / stage / "three"
        folder.mkdir()
        write_shard(folder / "00000.h5", {"name": np.array(["a.jpg"]), key: 255 - hr[:1]})
    write_index(members / "crop/three")
    write_index(members / "parse/three", Shards(members / "crop/three"))
    divide(members, "three", ["a.jpg"], [], [])
    result = run(members, one="out", two="three", to="all")
    assert result.exit_code == 0, result.output
    train = read_split(members / "all.json")["train"]
    assert train == ["one/a.jpg", "two/a.jpg", "two/b.jpg", "three/a.jpg"]
    taken = Shards(members / "crop/all").take(train, "hr")["hr"]
    np.testing.assert_array_equal(taken, [hr[0], hr[4], hr[5], 255 - hr[0]])


def test_a_pool_without_faces_to_validate_is_refused_and_so_are_maps_of_others(members):
    divide(members, "one", ["a.jpg"], [], ["b.jpg"])
    result = run(members)
    assert result.exit_code == 1
    assert "pools.out: the split leaves no face for validation" in result.output
    write_index(members / "parse/two", Shards(members / "crop/one"))
    result = run(members)
    assert result.exit_code == 1
    assert "parse/two: not made from" in result.output


def test_names_in_a_pools_shard_begin_with_its_dataset(tmp_path, hr):
    columns = {"name": np.array(["one/a.jpg"]), "lr": hr[:1]}
    write_shard(tmp_path / "one@00000.h5", columns)
    write_index(tmp_path)
    assert list(Shards(tmp_path).names) == ["one/a.jpg"]
    with pytest.raises(ValueError, match="all its names begin with two/"):
        write_shard(tmp_path / "two@00000.h5", columns)
