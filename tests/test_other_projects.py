"""Another project reads our faces: an import, DVC's file system, shards in any file system."""

import shutil
from pathlib import Path

import fsspec
import h5py
import numpy as np
import pytest
from dvc.api import DVCFileSystem
from small_project import Checkout

from wnet.data.shards import DamagedShard, Shards, write_index, write_shard

FACES = "data/crop/sample"


def new_project(folder: Path) -> Checkout:
    """A project of git and DVC with nothing in it."""
    folder.mkdir()
    project = Checkout(folder)
    project.call("git", "init", "-q")
    project.call("dvc", "init", "-q")
    return project


@pytest.fixture
def columns(random) -> dict[str, np.ndarray]:
    """Seven faces."""
    return {
        "name": np.array([f"{number}.jpg" for number in range(7)]),
        "hr": random.integers(0, 256, (7, 8, 8, 3), np.uint8),
        "points": random.normal(size=(7, 68, 2)).astype(np.float32),
    }


@pytest.fixture
def ours(columns, tmp_path) -> Checkout:
    """The project with the faces, in two shards."""
    project = new_project(tmp_path / "ours")
    folder = project.folder / FACES
    folder.mkdir(parents=True)
    for shard, rows in enumerate((slice(0, 4), slice(4, 7))):
        part = {key: values[rows] for key, values in columns.items()}
        write_shard(folder / f"{shard:05}.h5", part)
    write_index(folder)
    project.call("dvc", "add", FACES)
    project.commit("Faces")
    return project


@pytest.fixture
def in_memory(ours):
    """The folder in fsspec's file system in memory, as a UPath."""
    upath = pytest.importorskip("upath", reason="needs universal-pathlib")
    memory = fsspec.filesystem("memory")
    memory.put(str(ours.folder / FACES), "/faces", recursive=True)
    yield upath.UPath("memory:///faces")
    memory.rm("/faces", recursive=True)


def same(shards: Shards, columns: dict[str, np.ndarray]) -> bool:
    """Whether the shards have the faces, read by name across both shards, in another order."""
    order = [6, 0, 5, 1]
    taken = shards.take(columns["name"][order], *columns)
    return all(np.array_equal(taken[key], values[order]) for key, values in columns.items())


def test_an_import_is_read_and_updated(ours, columns, tmp_path):
    other = new_project(tmp_path / "other")
    other.call("dvc", "import", str(ours.folder), FACES, "--out", "faces")
    assert same(Shards(other.folder / "faces"), columns)

    changed = columns | {"hr": 255 - columns["hr"]}
    ours.call("dvc", "unprotect", FACES)
    (ours.folder / FACES / "00001.h5").unlink()
    write_shard(ours.folder / FACES / "00000.h5", changed)
    write_index(ours.folder / FACES)
    ours.call("dvc", "add", FACES)
    ours.commit("Other faces")
    assert same(Shards(other.folder / "faces"), columns)
    other.call("dvc", "update", "faces.dvc")
    assert same(Shards(other.folder / "faces"), changed)


def test_dvcs_file_system_copies_faces_and_opens_a_shard(ours, columns, tmp_path):
    shutil.rmtree(ours.folder / FACES)  # the commit's data are read from DVC's cache
    faces = DVCFileSystem(url=str(ours.folder), rev="HEAD")
    faces.get(FACES, str(tmp_path / "copy"), recursive=True)
    assert same(Shards(tmp_path / "copy"), columns)
    with faces.open(f"{FACES}/00001.h5") as content, h5py.File(content) as shard:
        np.testing.assert_array_equal(shard["hr"][1], columns["hr"][5])


def test_shards_read_a_commit_without_a_copy(ours, columns):
    upath = pytest.importorskip("upath", reason="needs universal-pathlib")
    shutil.rmtree(ours.folder / FACES)
    folder = upath.UPath(f"/{FACES}", protocol="dvc", url=str(ours.folder), rev="HEAD")
    assert same(Shards(folder), columns)


def test_shards_in_memory_are_those_on_disk(ours, in_memory, columns):
    local, far = Shards(ours.folder / FACES), Shards(in_memory)
    assert same(far, columns)
    assert far.digest == local.digest
    assert far.bytes_per_face("hr") == 8 * 8 * 3
    for near, column in zip(local.mapped("hr"), far.mapped("hr"), strict=True):
        np.testing.assert_array_equal(column, near)


def test_damage_is_found_in_other_file_systems(in_memory, columns):
    shard = in_memory / "00001.h5"
    whole = shard.read_bytes()
    damaged = bytearray(whole)
    damaged[whole.index(columns["hr"][4:].tobytes())] ^= 1
    shard.write_bytes(damaged)
    with pytest.raises(DamagedShard, match=r"00001\.h5: column hr is altered"):
        Shards(in_memory).take(["5.jpg"], "hr")
    shard.write_bytes(whole[:-100])
    with pytest.raises(DamagedShard, match=r"00001\.h5: .*truncated"):
        Shards(in_memory)
    shard.unlink()
    with pytest.raises(DamagedShard, match=r"00001\.h5: is missing"):
        Shards(in_memory)
    (in_memory / "index.json").unlink()
    with pytest.raises(DamagedShard, match=r"faces: no index\.json"):
        Shards(in_memory)
