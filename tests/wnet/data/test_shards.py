"""Shards: what is written is read, damage is found, and the same content has the same bytes."""

import tracemalloc

import h5py
import numpy as np
import pytest

from wnet.data.shards import DamagedShard, Shards, read_shard, write_index, write_shard


def columns(random, names):
    return {
        "name": np.array(names),
        "hr": random.integers(0, 256, (len(names), 8, 8, 3), dtype=np.uint8),
        "points": random.normal(size=(len(names), 68, 2)).astype(np.float32),
    }


def test_columns_come_back(tmp_path, random):
    written = columns(random, ["b.jpg", "a/é 人.jpg"])
    write_shard(tmp_path / "0.h5", written)
    read = read_shard(tmp_path / "0.h5")
    assert list(read["name"]) == ["b.jpg", "a/é 人.jpg"]
    np.testing.assert_array_equal(read["hr"], written["hr"])
    np.testing.assert_array_equal(read["points"], written["points"])
    assert [path.name for path in tmp_path.iterdir()] == ["0.h5"]


def test_the_same_content_has_the_same_bytes(tmp_path, random):
    content = columns(random, ["a", "bb"])
    for name in ("one.h5", "two.h5"):
        write_shard(tmp_path / name, content)
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "two.h5").read_bytes()


def test_columns_are_contiguous_and_mapped_at_their_place(tmp_path, random):
    content = columns(random, ["a", "b", "c"])
    write_shard(tmp_path / "0.h5", content)
    write_index(tmp_path)
    with h5py.File(tmp_path / "0.h5") as file:
        assert file["hr"].chunks is None
        assert file["hr"].compression is None
    (mapped,) = Shards(tmp_path).mapped("hr")
    np.testing.assert_array_equal(mapped, content["hr"])
    with pytest.raises(ValueError, match="read-only"):
        mapped[0] = 0


def test_faces_are_taken_by_name_across_shards(tmp_path, random):
    first, second = columns(random, ["a", "b", "c"]), columns(random, ["d", "e"])
    write_shard(tmp_path / "00000.h5", first)
    write_shard(tmp_path / "00001.h5", second)
    write_index(tmp_path)
    shards = Shards(tmp_path)
    taken = shards.take(["e", "a", "c"], "hr", "name")
    assert list(taken["name"]) == ["e", "a", "c"]
    expected = np.stack([second["hr"][1], first["hr"][0], first["hr"][2]])
    np.testing.assert_array_equal(taken["hr"], expected)
    assert shards.lengths == [3, 2]


def test_faces_are_taken_in_any_order_from_the_many_shards_of_a_pool(tmp_path, random):
    all_names, all_faces = [], []
    for number, count in enumerate(random.integers(1, 9, 30)):
        dataset = ("celeba", "helen")[number % 2]
        content = columns(random, [f"{dataset}/{row * 30 + number}.jpg" for row in range(count)])
        write_shard(tmp_path / f"{dataset}@{number:05}.h5", content)
        all_names += content["name"].tolist()
        all_faces += list(content["hr"])
    write_index(tmp_path)
    shards = Shards(tmp_path)
    assert sorted(shards.names) == sorted(all_names)
    for order in (random.permutation(len(all_names)), [5, 5, 2], []):
        taken = shards.take([all_names[row] for row in order], "name", "hr")
        assert taken.get("name", np.array([])).tolist() == [all_names[row] for row in order]
        assert all(map(np.array_equal, taken.get("hr", ()), (all_faces[row] for row in order)))


def test_a_folder_keeps_sixteen_bytes_a_name(tmp_path):
    for number in range(3):
        names = [f"photographs/{number}-{row:09}.jpg" for row in range(5000)]
        write_shard(tmp_path / f"{number}.h5", {"name": np.array(names)})
    write_index(tmp_path)
    Shards(tmp_path)  # what is loaded once
    tracemalloc.start()
    shards = Shards(tmp_path)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 17 * len(shards)


def test_a_missing_name_is_named(tmp_path, random):
    write_shard(tmp_path / "0.h5", columns(random, ["a"]))
    write_index(tmp_path)
    with pytest.raises(LookupError, match=r"no face is named 'z' \(and 1 more\); names are"):
        Shards(tmp_path).take(["a", "z", "y"], "hr")


def test_a_missing_column_is_the_callers_error_and_not_damage(tmp_path, random):
    write_shard(tmp_path / "0.h5", columns(random, ["face_1.png"]))
    write_index(tmp_path)
    shards = Shards(tmp_path)
    said = r"0\.h5: has no column 'HR'; it has hr, name"
    for ask in (
        lambda: shards.take(["face_1.png"], "HR"),
        lambda: shards.mapped("HR"),
        lambda: shards.verify("HR"),
        lambda: shards.bytes_per_face("HR"),
        lambda: read_shard(tmp_path / "0.h5", "name", "HR"),
    ):
        with pytest.raises(LookupError, match=said) as caught:
            ask()
        assert "delete" not in str(caught.value)
    with pytest.raises(LookupError, match=r"'face1\.png'; did you mean 'face_1\.png'\?"):
        shards.take(["face1.png"], "hr")


def test_every_flipped_byte_of_a_column_is_found(tmp_path, random):
    path = tmp_path / "0.h5"
    content = columns(random, ["a", "b"])
    write_shard(path, content)
    whole = path.read_bytes()
    start = whole.index(content["hr"].tobytes())
    for place in random.integers(0, content["hr"].size, 10):
        damaged = bytearray(whole)
        damaged[start + place] ^= 1 << int(random.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(DamagedShard, match=r"0\.h5: column hr is altered"):
            read_shard(path, "hr")


def test_truncated_foreign_and_old_files_are_refused(tmp_path, random):
    path = tmp_path / "0.h5"
    write_shard(path, columns(random, ["a", "b"]))
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"<html>not found</html>"):
        path.write_bytes(content)
        with pytest.raises(DamagedShard, match="dvc repro"):
            read_shard(path)
    path.write_bytes(whole)
    with h5py.File(path, "a") as file:
        file.attrs["schema"] = 0
    with pytest.raises(DamagedShard, match="schema 0, not 4"):
        read_shard(path)


def test_a_name_in_two_shards_and_an_empty_folder_are_refused(tmp_path, random):
    with pytest.raises(DamagedShard, match="no shards"):
        Shards(tmp_path)
    for name in ("0.h5", "1.h5"):
        write_shard(tmp_path / name, columns(random, ["a"]))
    write_index(tmp_path)
    with pytest.raises(DamagedShard, match="two shards"):
        Shards(tmp_path)


def test_invalid_columns_are_refused(tmp_path, random):
    for names in ([], ["a", "a"]):
        with pytest.raises(ValueError, match="at least one face, and distinct names"):
            write_shard(tmp_path / "0.h5", columns(random, names))
    short = columns(random, ["a", "b"])
    short["hr"] = short["hr"][:1]
    with pytest.raises(ValueError, match="column hr has 1 rows, not 2"):
        write_shard(tmp_path / "0.h5", short)
    assert not list(tmp_path.glob("*.h5"))
