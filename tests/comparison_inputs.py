"""Results of five evaluations on one test set: a network, one with three seeds, and noise."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
from evaluation_inputs import put_record, shard
from params_file import write_resolved
from ruamel.yaml import YAML
from small_project import ROOT

from wnet.data.shards import write_index

NAME = "sample-fractions-x4"
FACES = 40
NAMES = [f"{place:02}.jpg" for place in range(FACES - 1)] + ["<b>&amp;ü.jpg"]
STRONG, NOISE, SEEDS = "sample-x4", "noise", ("one", "two", "three")
OPERATIONS = {STRONG: 10_000, NOISE: 90_000, **dict.fromkeys(SEEDS, 20_000)}
WEIGHTS = {STRONG: 1000, NOISE: 500, **dict.fromkeys(SEEDS, 2000)}
DRAW = np.random.default_rng(5)
BICUBIC = DRAW.normal(25, 2, FACES)
GAIN = {
    STRONG: DRAW.normal(2, 0.5, FACES),
    NOISE: (lambda noise: noise - noise.mean())(DRAW.normal(0, 0.5, FACES)),
    **{seed: DRAW.normal(1, 0.5, FACES) for seed in SEEDS},
}
RUN = ["data/raw", "data/crop", "data/pyramid", "data/reference.h5", "results", "metrics.json"]
RUN += ["reports/compare.csv", "reports/compare.html"]
MALE = {name: 1 if place % 2 else -1 for place, name in enumerate(NAMES[:-2])}


def put_params(**compare):
    """Write params.yaml with the evaluations, and its resolved.json."""
    settings = YAML(typ="safe").load(ROOT / "params.yaml")
    settings["compare"] |= compare
    settings["recipes"]["sample"]["crop"]["resolution"] = 64
    base = settings["runs"]["wnet-small"]
    of_set = {"dataset": "sample", "split": "fractions", "scale": 4}
    for number, name in enumerate((NOISE, *SEEDS)):
        run = {"model": {"network": "srcnn", "kernels": [9, 5, 5], "channels": [8, 4]},
               "loss": settings["runs"]["srcnn"]["loss"],
               "train": base["train"] | {"seed": number}}  # fmt: skip
        if name == NOISE:
            run["train"]["epochs"] = 1
        settings["runs"][name] = run
        settings["trainings"][name] = {"run": name, **of_set}
        settings["evaluations"][name] = {"training": name, **of_set}
    YAML().dump(settings, Path("params.yaml"))
    write_resolved(Path())


def put_results() -> dict[str, np.ndarray]:
    """Write shards, tables and means of all; returns the pictures by evaluation, `lr` and `hr`."""
    random = np.random.default_rng(8)
    names = np.array(NAMES)
    pictures = {"hr": random.integers(0, 256, (FACES, 64, 64, 3), np.uint8)}
    pictures["lr"] = random.integers(0, 256, (FACES, 16, 16, 3), np.uint8)
    pictures["bicubic"] = random.integers(0, 256, (FACES, 64, 64, 3), np.uint8)
    shard(Path("data/crop/00000.h5"), name=names[::-1], hr=pictures["hr"][::-1])
    write_index(Path("data/crop"))
    pictures["skin"] = random.integers(0, 256, (FACES, 16, 16), np.uint8)
    shard(Path("data/pyramid/00000.h5"), name=names[::-1], skin_x4=pictures["skin"][::-1])
    write_index(Path("data/pyramid"))
    put_photographs()
    points = random.uniform(5, 58, (FACES, 68, 2)).astype(np.float32)
    points[:, 36:48] = 20 + points[:, 36:48] / 5  # the eyes are a part of the face
    points[3] = np.nan
    pictures["points"] = points
    shard(Path("data/reference.h5"), name=names, points=points)
    for name, gain in GAIN.items():
        folder = Path("results") / name
        pictures[name] = random.integers(0, 256, (FACES, 64, 64, 3), np.uint8)
        columns = {"sr": pictures[name]} | {key: pictures[key] for key in ("lr", "bicubic")}
        if name == STRONG:
            columns["parsing"] = pictures["parsing"] = pictures["skin"] // 2
        shard(folder / "sr.h5", name=names, **columns)
        shard(folder / "points.h5", name=names, bicubic=points, sr=points + 1)
        put_record(folder / "sr.h5", "reconstruct")
        record = json.loads((folder / "sr.made_by.json").read_text())
        record |= {"network_weights": WEIGHTS[name], "network_operations": OPERATIONS[name]}
        (folder / "sr.made_by.json").write_text(json.dumps(record))
        _put_scores(folder, gain)
    return pictures


def put_photographs() -> None:
    """Write photographs of all faces, and CelebA's attribute of those in MALE."""
    for name in NAMES:
        photograph = Path("data/raw", name)
        photograph.parent.mkdir(parents=True, exist_ok=True)
        photograph.touch()
    rows = "".join(f"{name} {male}\n" for name, male in MALE.items())
    Path("data/raw/list_attr_celeba.txt").write_text(f"{len(MALE)}\nMale\n{rows}")


def _put_scores(folder: Path, gain: np.ndarray) -> None:
    """Write PSNR by one protocol, and the landmark distance, which the third face does not have."""
    distance = np.where(np.arange(FACES) == 3, np.nan, 10.0)
    columns = {
        "quality": {"dic_psnr": (BICUBIC, BICUBIC + gain)},
        "landmarks": {"landmark_distance": (distance, distance - gain)},
        "identity": {"identity_similarity": (np.full(FACES, 0.5), np.full(FACES, 0.5))},
    }
    for stage, scores in columns.items():
        with (folder / f"{stage}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            head = [f"{method}_{column}" for column in scores for method in ("bicubic", "sr")]
            writer.writerow(["name", *head])
            both = [values for pair in scores.values() for values in pair]
            for row, name in enumerate(NAMES):
                cells = ["" if np.isnan(v[row]) else round(float(v[row]), 6) for v in both]
                writer.writerow([name, *cells])
        details = {"bicubic": {}, "sr": {}}
        for column, pair in scores.items():
            for method, values in zip(("bicubic", "sr"), pair, strict=True):
                mean = round(float(np.nanmean(values)), 6)
                variant, _, key = column.partition("_") if stage == "quality" else ("", "", column)
                details[method][key] = {variant: mean} if variant else mean
        facts = {"faces": FACES, "method": "dlib", "network": "dlib"}
        (folder / f"{stage}.json").write_text(json.dumps(facts | details))


def spoil(name: str) -> None:
    """Change the order of the faces of one evaluation."""
    path = Path("results") / name / "quality.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([head, *rows[::-1]]) + "\n", encoding="utf-8")
    for stage in ("landmarks", "identity"):
        other = path.with_name(f"{stage}.csv")
        head, *rows = other.read_text(encoding="utf-8").splitlines()
        other.write_text("\n".join([head, *rows[::-1]]) + "\n", encoding="utf-8")


def remove(name: str) -> None:
    """Remove the results of an evaluation."""
    shutil.rmtree(Path("results") / name)
