"""Images without a face, sets of one, batches of one and odd shards, in every stage."""

import json
import math
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from safetensors.numpy import load_file

from wnet.data.shards import Shards, read_shard
from wnet.metrics.scores import STAGES

ODD = {
    "comparisons": {},
    "recipes.sample.crop.rule": "as_is",
    "recipes.sample.crop.faces_per_shard": 2,
    "recipes.sample.splits.fractions": {"by": "last", "train": 3, "validation": 1, "test": 3},
    "runs.wnet-small.model.width": 8,
    "runs.wnet-small.train.epochs": 2,
    "runs.wnet-small.train.batch": 1,
}
RAW = Path("data/raw/sample")


def stage(name: str, *arguments: str) -> None:
    result = CliRunner().invoke(import_module(f"pipeline.{name}").main, arguments)
    assert result.exit_code == 0, f"{name}: {result.output}"


def prepare() -> None:
    """Run the stages before training."""
    stage("crop", "sample", str(RAW), "crop", "crop.json", "metrics/crop/sample.json")
    parsed = ("parse", "parse.csv", "parse.json")
    stage("parse", "sample", "crop", *parsed)
    stage("pyramid", "sample-x4", "crop", "parse", "pyramid")
    stage("split", "sample-fractions", str(RAW), "crop", "split.json", "metrics/split.json")
    stage("reference", "sample-fractions", "crop", "split.json", "reference.h5")


def train() -> None:
    prepared = ("crop", "parse", "pyramid", "split.json")
    stage("train", "sample-x4", *prepared, "model", "metrics/train/sample-x4.json")


def evaluate() -> dict[str, dict]:
    """Run the stages after training, including the pages; returns all scores by stage."""
    quality, landmarks, identity = (
        (f"results/{stage}.json", f"metrics/{stage}/sample-x4.json") for stage in STAGES
    )
    pair = ("sample-x4", "results/sr.h5", "reference.h5")
    curve = ("results/identity.csv", "results/identity_curve.tsv")
    stage("reconstruct", "sample-x4", "model/network", "pyramid", "split.json", "results/sr.h5")
    stage("quality", "sample-x4", "results/sr.h5", "crop", "results/quality.csv", *quality)
    stage("landmarks", *pair, "results/points.h5", "results/landmarks.csv", *landmarks)
    stage("identity", *pair, *curve, *identity)
    data = (str(RAW), "crop", "parse", "pyramid", "reference.h5")
    counts = "metrics/split.json"
    stage("report", "sample-x4", *data, "model", "results", counts, "reports/sample-x4")
    stage("index", "metrics", "reports/index.html")
    return {stage: json.loads(Path(f"results/{stage}.json").read_text()) for stage in STAGES}


def put(images: dict[str, np.ndarray]) -> None:
    RAW.mkdir(parents=True)
    for name, image in images.items():
        Image.fromarray(image).save(RAW / name)


@pytest.fixture
def flat() -> dict[int, np.ndarray]:
    return {level: np.full((64, 64, 3), level, np.uint8) for level in (0, 128, 255)}


def test_images_without_a_face_pass_every_stage(
    project, edit_params, drawn_faces, flat, one_thread
):
    """Black, gray and white images in the train, validation and test sets; shards of 2, 2, 2, 1."""
    edit_params(ODD)
    face = drawn_faces[0].image
    black = [np.zeros((side, side, 3), np.uint8) for side in (72, 80)]  # no copies of the first
    images = [flat[0], face, flat[255], *black, flat[128], face[20:, 20:]]
    put({f"{number}.png": image for number, image in enumerate(images)})
    prepare()
    assert Shards(Path("crop")).lengths == [2, 2, 2, 1]
    parsed = json.loads(Path("parse.json").read_text())
    assert (parsed["parsed"], parsed["without_map"]) == (7, 5)
    train()
    weights = load_file("model/network/model.safetensors")
    assert all(np.isfinite(value).all() for value in weights.values())
    rows = Path("model/curves/train/key_regions.tsv").read_text().split("\n")[1:-1]
    assert all(math.isfinite(float(row.split("\t")[1])) for row in rows)
    scores = evaluate()
    assert scores["quality"]["faces"] == 3
    assert math.isfinite(scores["quality"]["sr"]["psnr"]["dic"])
    assert 1 <= scores["landmarks"]["excluded"] <= 3
    assert scores["landmarks"]["excluded"] == scores["identity"]["excluded"]
    sr = read_shard(Path("results/sr.h5"), "name", "sr", "bicubic")
    assert list(sr["name"]) == ["4.png", "5.png", "6.png"]
    np.testing.assert_array_equal(sr["bicubic"][0], flat[0])


@pytest.mark.slow
def test_a_dataset_of_one_face_is_scored(project, edit_params, drawn_faces, flat, one_thread):
    """Training on it is an error, but a network trained on other faces can be evaluated on it."""
    edit_params(ODD)
    put({f"{number}.png": np.zeros((64 + number,) * 2 + (3,), np.uint8) for number in range(7)})
    prepare()
    train()
    for path in RAW.iterdir():
        path.unlink()
    Image.fromarray(drawn_faces[1].image).save(RAW / "one.png")
    alone = {"by": "last", "train": 1, "validation": 1, "test": 1}
    edit_params({"recipes.sample.splits.fractions": alone})
    with pytest.raises(AssertionError, match="needs at least 3 faces, and there are 1"):
        prepare()
    Path("split.json").write_text(json.dumps({"train": [], "validation": [], "test": ["one.png"]}))
    stage("reference", "sample-fractions", "crop", "split.json", "reference.h5")
    scores = evaluate()
    assert scores["quality"]["faces"] == 1
    assert scores["landmarks"]["excluded"] == scores["identity"]["excluded"] == 0
    assert 0 < scores["identity"]["bicubic"]["identity_similarity"] <= 1
