"""The train set is kept on the GPU, or streamed to it if WNET_MEMORY is too small."""

import json

import numpy as np
import pytest
import torch

pytestmark = pytest.mark.cuda


@pytest.fixture
def prepared(columns, tmp_path):
    """Shards of the fourteen faces, as the data stages leave them."""
    for package in ("click", "psutil", "xxhash"):
        pytest.importorskip(package)
    from pipeline.training_set import TrainingSet
    from wnet.data.shards import Shards, write_index, write_shard

    lr, hr, skin, classes = columns
    names = np.array([f"{number}.png" for number in range(len(hr))])
    whole = (classes == 1).astype(np.uint8)
    made = {"crop": {"hr": hr}, "parse": {"classes": classes, "skin": whole}}
    made["pyramid"] = {"lr_x4": lr, "skin_x4": skin}
    for folder, held in made.items():
        (tmp_path / folder).mkdir()
        for number, rows in enumerate((slice(0, 5), slice(5, None))):
            part = {"name": names[rows], **{key: value[rows] for key, value in held.items()}}
            write_shard(tmp_path / folder / f"{number:05}.h5", part)
    for folder, from_ in (("crop", []), ("parse", ["crop"]), ("pyramid", ["crop", "parse"])):
        write_index(tmp_path / folder, *(Shards(tmp_path / other) for other in from_))
    (tmp_path / "split.json").write_text(
        json.dumps({"train": names.tolist(), "validation": [], "test": []})
    )
    return TrainingSet(*(tmp_path / name for name in made), tmp_path / "split.json", 4)


def test_half_of_the_free_memory_is_the_default_limit():
    pytest.importorskip("psutil")
    from pipeline.harness import environment

    free, _ = torch.cuda.mem_get_info()
    assert environment.memory("cuda") == pytest.approx(free / 2, rel=0.1)


def test_above_the_limit_the_same_batches_are_streamed(prepared, monkeypatch, capsys):
    held = prepared.faces("train", "cuda")
    assert "held on cuda" in capsys.readouterr().err
    monkeypatch.setenv("WNET_MEMORY", "100000")
    streamed = prepared.faces("train", "cuda")
    assert "streamed from their shards to cuda" in capsys.readouterr().err
    pairs = zip(*(faces.shuffled(1, 0, 4, True, 0) for faces in (held, streamed)), strict=True)
    seen = 0
    for one, other in pairs:
        seen += 1
        for column, same in zip(one, other, strict=True):
            assert column.device.type == same.device.type == "cuda"
            assert torch.equal(column, same)
    assert seen == 3


def test_a_recorded_training_learns_from_streamed_faces(prepared, begin, finish, monkeypatch):
    wanted = finish(begin("cuda", epochs=3))
    monkeypatch.setenv("WNET_MEMORY", "100000")
    training = begin("cuda", "eager-graphs", epochs=3)
    training.faces = prepared.faces("train", "cuda")
    for row, other in zip(wanted, finish(training), strict=True):
        assert other["train/total"] == pytest.approx(row["train/total"], rel=2e-3)
