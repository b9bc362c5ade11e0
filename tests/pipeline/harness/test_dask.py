"""Data stages on the workers of a Dask scheduler: the same bytes, also when a worker is killed."""

import io
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from tqdm import tqdm
from waiting import HANG, aside, until

from pipeline import crop, parse, pyramid
from pipeline.harness import parallel

distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")


SIZES = [(24, 3, 2), pytest.param((240, 20, 4), marks=pytest.mark.slow)]
"""Photographs, photographs a shard, and workers."""


@pytest.fixture(params=SIZES[:1], ids=str)
def size(request):
    return request.param


@pytest.fixture
def photographs(project, drawn_faces, edit_params, size):
    """Photographs of a few faces, each lighter than the one before."""
    count, a_shard, _ = size
    edit_params({"recipes.sample.crop.faces_per_shard": a_shard, "recipes.sample.crop.min_side": 1})
    (project / "raw").mkdir()
    for number in range(count):
        face = drawn_faces[number % len(drawn_faces)].image[::2, ::2]
        lighter = np.minimum(face, 255 - count // 8) + np.uint8(number // 8)
        Image.fromarray(lighter).save(project / f"raw/{number:03}.png")
    return project


@pytest.fixture
def cluster(photographs, size):
    """A scheduler on the loopback and its worker processes, which begin in the project's folder."""
    import dask

    with (
        dask.config.set({"distributed.comm.timeouts.connect": f"{HANG}s"}),
        distributed.LocalCluster(
            n_workers=size[2], threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
    ):
        yield cluster


def run(stage, *arguments):
    result = CliRunner().invoke(stage.main, list(arguments))
    assert result.exit_code == 0, result.output


def prepare(name):
    written = [f"{name}/{file}" for file in ("parse", "p.csv", "parse.json")]
    run(crop, "sample", "raw", f"{name}/crop", f"{name}/crop.json", f"{name}/metrics.json")
    run(parse, "sample", f"{name}/crop", *written)
    run(pyramid, "sample-x4", f"{name}/crop", f"{name}/parse", f"{name}/x4")


def files(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("size", SIZES, ids=str, indirect=True)
def test_bytes_are_those_of_a_local_run_and_a_killed_worker_loses_nothing(
    photographs, cluster, size, monkeypatch
):
    shards, a_shard = size[0] // size[1], size[1]
    prepare("local")
    assert len(files(photographs / "local")) == 3 * (shards + 1) + 5 + 3 + 1
    monkeypatch.setenv("WNET_DASK", cluster.scheduler_address)
    victim = next(iter(cluster.workers.values())).pid
    monkeypatch.setattr(crop, "crop_block", held(victim, crop.crop_block))
    bars = []
    monkeypatch.setattr(parallel, "progress", lambda *named: bars.append(bar(*named)) or bars[-1])
    stages = aside(lambda: prepare("dask"))
    until(lambda: stages.done() or list(photographs.glob("held-*")))
    (note,) = photographs.glob("held-*")
    (made,) = photographs.glob(f".scratch/crop-*/out/{note.name.removeprefix('held-')}")
    file = made.stat().st_ino
    until(lambda: bars[0].n == a_shard)  # though no block has come back
    os.kill(victim, signal.SIGKILL)
    Path("go").touch()
    stages.result(HANG)
    assert (photographs / "dask/crop" / made.name).stat().st_ino == file, "made again"
    assert files(photographs / "local") == files(photographs / "dask")
    assert [drawn.n for drawn in bars] == [size[0]] * 3


def bar(label, total):
    return tqdm(total=total, desc=label, file=io.StringIO())


def held(victim, work):
    """The work of a block, which one worker never finishes; others wait for `go`."""

    def work_of(block):
        while os.getpid() != victim and not Path("go").exists():
            time.sleep(0.02)
        done = work(block)
        while os.getpid() == victim:
            Path(f"held-{block.shard.name}").touch()
            time.sleep(0.02)
        return done

    return work_of


def test_an_address_where_no_scheduler_answers_is_named(photographs, monkeypatch):
    monkeypatch.setenv("WNET_DASK", "tcp://127.0.0.1:9")
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    import dask

    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        made = CliRunner().invoke(crop.main, ["sample", "raw", "out", "counts.json", "m.json"])
    assert made.exit_code == 1
    assert "WNET_DASK=tcp://127.0.0.1:9: no scheduler answers there" in made.output
