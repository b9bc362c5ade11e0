"""A small, consistent set of all inputs of the page of one evaluation."""

import csv
import json
from pathlib import Path

import numpy as np
from params_file import write_resolved
from PIL import Image
from ruamel.yaml import YAML

from pipeline.harness.record import MADE_BY, made_by, write_record
from pipeline.pages.pairs import rows_of
from wnet.data.shards import write_index, write_shard
from wnet.metrics.paired import compare
from wnet.metrics.settings import Intervals

ROOT = Path(__file__).resolve().parent.parent
NAMES = ["a.jpg", "<b>&amp;.jpg", "c/ü.jpg", "d.jpg", "e.jpg"]
BICUBIC = [20.0, 25.0, 30.0, 21.5, float("inf")]
GAIN = [0.75, -1.25, 2.0, 0.0, 0.0]  # e.jpg equals its original: its gain is inf - inf
QUALITY = {
    method: {
        "psnr": {protocol: 20 + i + place / 7 for i, protocol in enumerate(("rgb", "dic"))},
        "ssim": {protocol: 0.5 + i / 30 + place / 70 for i, protocol in enumerate(("rgb", "dic"))},
    }
    for place, method in enumerate(("bicubic", "sr"))
}
DETAILS = {
    "results/quality.json": {"faces": 5, "identical": 1, **QUALITY},
    "results/landmarks.json": {
        "method": "dlib", "faces": 5, "excluded": 1,
        "bicubic": {"landmark_distance": 9.87654, "mean_px": 1.5, "nme": 0.05,
                    "failed": 2, "missed": 0},
        "sr": {"landmark_distance": 8.76543, "mean_px": 1.25, "nme": 0.0498,
               "failed": 1, "missed": 3},
    },
    "results/identity.json": {
        "network": "dlib", "faces": 5, "excluded": 1,
        "bicubic": {"identity_similarity": 0.812345}, "sr": {"identity_similarity": 0.8123},
    },
    "model/training.json": {"network": "wnet", "epochs": 3, "best_epoch": 2, "train_faces": 1234,
              "parameters": 278807,
              "loss_weights": {"pixel": 0.5, "parsing": 1.0, "key_regions": 1.0},
              "validation": {"psnr": 25.5, "ssim": 0.7, "parsing_iou": 0.6}},
    "data/crop.json": {"found": 12, "cropped": 9, "without_landmarks": 1, "several_faces": 4,
             "further_faces": 0, "turned": 1, "enlarged": 2,
             "rejected": {"no_face": 2, "unreadable": 1, "too_small": 0}, "other_files": 0,
             "passed_over": 0,
             "lists": {"attributes": {"rows": 4, "matched": 3, "photographs": 12}}},
    "data/parse.json": {"method": "landmarks", "parsed": 9, "without_map": 1, "degenerate": 2,
              "mean_skin_share": 0.3},
    "metrics/split/sample-fractions.json": {
        "train": 3, "validation": 1, "test": 5, "unused": 2,
        "lists": {"identities": {"rows": 17, "matched": 11, "photographs": 12, "faces": 9}},
    },
}  # fmt: skip
DISTANCES = [3.5, 1.25, "", 2.0, 7.0]  # of the network; no face was found in the third
SIMILARITY = [0.5, 0.75, "", 0.25, 1.0]
MALE = dict(zip(NAMES[:3], (1, -1, 1), strict=True))
LEDGER = [("left.jpg", "no face"), ("b/right.png", "no face"), ("torn.jpg", "unreadable")]
CURVES = {
    "train/total": [0.3, 0.2, 0.1], "train/pixel": [0.1, 0.05, 0.02], "train/eyes": [0.01] * 3,
    "validation/psnr": [24, 25.5, 25], "validation/ssim": [0.6, 0.7, 0.65],
    "validation/parsing_iou": [0.5, 0.6, 0.6], "learning_rate": [1e-4, 5e-5, 0],
}  # fmt: skip


def shard(path, **columns):
    """Write a shard into a folder, which is created if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_shard(path, columns)


def put_record(output, stage, weights=None):
    """Write a record like the stages' beside an output."""
    parameters = {stage: {"keys": [1, "x"], "max_pixels": 1000}}
    record = {"stage": stage, "name": "sample", "digest": "0" * 16, "parameters": parameters}
    record |= {"weights": weights or {}, "versions": {"numpy": "9"}}
    write_record(made_by(output), record)


def put_data(random):
    """Shards in data/ and results/; the first three have additional faces, in another order.

    Returns the pictures, maps and landmarks in the order of NAMES.
    """
    names, mixed = np.array(NAMES), np.array([*NAMES[::-1], "f.jpg"])
    image = {side: lambda n, s=side: random.integers(0, 256, (n, s, s, 3), np.uint8)
             for side in (16, 64)}  # fmt: skip
    hr, skin = image[64](6), image[16](6)[..., 0]
    classes = random.integers(0, 19, (6, 64, 64), np.uint8)
    for part, rows in (("00000.h5", slice(4, 6)), ("00001.h5", slice(0, 4))):
        shard(Path("data/crop") / part, name=mixed[rows], hr=hr[rows])
        shard(Path("data/parse") / part, name=mixed[rows], classes=classes[rows])
        shard(Path("data/pyramid") / part, name=mixed[rows], skin_x4=skin[rows])
    for folder in ("crop", "parse", "pyramid"):
        write_index(Path("data") / folder)
        put_record(Path("data") / folder, folder, {"fan": "ab12"} if folder == "crop" else None)
    points = random.uniform(5, 58, (3, 5, 68, 2)).astype(np.float32)
    points[:, 2] = np.nan
    shard(Path("data/reference.h5"), name=names, points=points[0])
    put_record(Path("data/reference.h5"), "reference")
    shard(Path("results/points.h5"), name=names, bicubic=points[1], sr=points[2])
    lr, bicubic, sr = image[16](5), image[64](5), image[64](5)
    parsing = image[16](5)[..., 0]
    shard(Path("results/sr.h5"), name=names, lr=lr, bicubic=bicubic, sr=sr, parsing=parsing)
    put_record(Path("results/sr.h5"), "reconstruct")
    return {"lr": lr, "bicubic": bicubic, "sr": sr, "hr": hr[4::-1],
            "parsing": parsing, "skin": skin[4::-1], "classes": classes[4::-1],
            "points": points}  # fmt: skip


def put_photographs():
    """Photographs in data/raw: those of the faces, and three rejected ones, which are listed."""
    Path("data/raw/b").mkdir(parents=True)
    for name in NAMES:
        photograph = Path("data/raw", name)
        photograph.parent.mkdir(parents=True, exist_ok=True)
        photograph.touch()
    Image.new("RGB", (40, 20), (200, 30, 30)).save("data/raw/left.jpg", comment=b"who it is")
    Image.new("L", (20, 40), 90).save("data/raw/b/right.png")
    Path("data/raw/torn.jpg").write_bytes(b"torn")
    rows = "".join(f"{name},{reason},as <told>\n" for name, reason in LEDGER)
    Path("data/crop/rejected.csv").write_text(f"name,reason,detail\n{rows}")


def put_attributes():
    """CelebA's annotation of the first three faces: Male, and an attribute that no table shows."""
    rows = "".join(f"{Path(name).name} {male} -1\n" for name, male in MALE.items())
    Path("data/raw/list_attr_celeba.txt").write_text(f"3\nMale Bald\n{rows}")


def put_tables():
    """Tables of scores, learning curves, and the record of the network."""
    scored = {}
    for protocol in ("rgb", "dic"):
        scored[f"bicubic_{protocol}_psnr"] = BICUBIC
        scored[f"sr_{protocol}_psnr"] = np.add(BICUBIC, GAIN)
        scored[f"bicubic_{protocol}_ssim"] = [0.5] * 5
        scored[f"sr_{protocol}_ssim"] = [0.9, 0.7, 0.8, 0.6, 1.0]
    found = {"bicubic_landmark_distance": [4] * 5, "sr_landmark_distance": DISTANCES}
    for key, bicubic, network in (
        ("mean_px", [1.5] * 5, [1.25] * 5),
        ("nme", [0.05] * 5, [0.0498] * 5),
        ("failed", [1, 1, 0, 0, 0], [0, 1, 0, 0, 0]),
        ("missed", [0] * 5, [0, 1, 1, 1, 0]),
    ):
        found |= {f"bicubic_{key}": bicubic, f"sr_{key}": network}
    alike = {"bicubic_identity_similarity": [0.125] * 5, "sr_identity_similarity": SIMILARITY}
    for kind, columns in (("quality", scored), ("landmarks", found), ("identity", alike)):
        lines = [["name", *columns], *zip(NAMES, *columns.values(), strict=True)]
        with Path(f"results/{kind}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(lines)
    Path("results/identity_curve.tsv").write_text("threshold\tbicubic\tsr\n0\t1\t1\n1\t0\t0.25\n")
    for name, values in CURVES.items():
        path = Path(f"model/curves/{name}.tsv")
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = "".join(f"{i + 1}\t{value}\n" for i, value in enumerate(values))
        path.write_text(f"step\t{path.stem}\n{rows}")
    Path("model/curves/progress").mkdir()
    for epoch in (2, 10, 1):
        Image.new("RGB", (epoch, 20)).save(f"model/curves/progress/{epoch}.png")
    record = {
        "stage": "train",
        "parameters": {"datasets": ["sample"], "loss": {"pixel": 0.125}},
        "weights": {},
        "versions": {"torch": "2"},
        "faces": {"landmarks": "dlib"},
    }
    Path("model/network").mkdir()
    Path("model/network/model.safetensors").write_bytes(b"weights")
    write_record(Path("model/network") / MADE_BY, record)


def put_metrics():
    """The files that `index` reads beside the metrics of `quality`."""
    headline = {
        stage: {"sample-x4": DETAILS[f"results/{stage}.json"]}
        for stage in ("landmarks", "identity")
    }
    for stage, content in (headline | {"train": DETAILS["model/training.json"]}).items():
        Path(f"metrics/{stage}").mkdir(parents=True)
        Path(f"metrics/{stage}/sample-x4.json").write_text(json.dumps(content))
    put_comparison("sample-fractions-x4", {"sample-x4": GAIN})


def put_comparison(name, gains):
    """The part of a comparison that `index` reads: PSNR alone, from the gains over bicubic."""
    intervals = Intervals(seed=1, resamples=1000)
    pairs = {
        (evaluation, "bicubic"): {
            "dic_psnr": compare(np.array(gain, float), np.zeros(len(gain)), True, intervals)
        }
        for evaluation, gain in gains.items()
    }
    Path("metrics/compare").mkdir(parents=True, exist_ok=True)
    content = {name: {"pairs": rows_of(pairs, ["dic_psnr"])}}
    Path(f"metrics/compare/{name}.json").write_text(json.dumps(content))


RUN = ["sample-x4", "data/raw", "data/crop", "data/parse", "data/pyramid", "data/reference.h5"]
RUN += ["model", "results", "metrics/split/sample-fractions.json"]


def put_all(report):
    """Everything above and params.yaml, with the section `report` given; returns the arrays."""
    settings = YAML(typ="safe").load(ROOT / "params.yaml")
    YAML().dump(settings | {"report": report}, Path("params.yaml"))
    write_resolved(Path())
    arrays = put_data(np.random.default_rng(8))
    put_photographs()
    put_attributes()
    put_tables()
    for path, content in DETAILS.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(json.dumps(content))
    return arrays
