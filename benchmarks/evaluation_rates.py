"""Networks of evaluation and parsing: faces in batches compared with faces one by one.

Weights are random, since rates do not depend on them. The results are checked to be equal.

    python benchmarks/evaluation_rates.py --faces 32
"""

import tempfile
import time
from pathlib import Path

import click
import numpy as np
import torch
from interleaved import rates, report, save

from drawn.photograph import render
from pipeline.harness import environment
from wnet.identity.adaface import IResNet
from wnet.identity.recognition import RecognitionNetwork
from wnet.landmarks.detectors.yunet import YuNet
from wnet.landmarks.fan import FANLandmarks
from wnet.parsing.bisenet import BiSeNetParser


@click.command()
@click.option("--faces", default=32, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--side", default=512, show_default=True, help="BiSeNet's input.")
def main(faces: int, rounds: int, side: int) -> None:
    """Run every network on FACES drawn faces."""
    device = environment.device()
    drawn = [render(number, number, 128) for number in range(faces)]
    images = np.stack([face.image for face in drawn])
    points = np.stack([face.points for face in drawn])
    boxes = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1).astype(np.float64)
    goals = {"cpu": (1.5, 1.5)}.get(device, (5.0, 10.0))
    tables = []
    with tempfile.TemporaryDirectory() as name:
        fan, bisenet = landmarks(Path(name), device), parsing(Path(name), side, device)
    fan._at_once = bisenet.at_once = faces  # a CPU processes them one by one; this shows why
    adaface = RecognitionNetwork(IResNet(50).eval(), True, device)
    for title, together, alone, goal in (
        (
            "FAN, landmarks",
            lambda: fan.predict(list(images), boxes),
            lambda: [fan.predict([i], [b])[0] for i, b in zip(images, boxes, strict=True)],
            goals[0],
        ),
        (
            "IR-50, identity",
            lambda: adaface.embed(images, points),
            lambda: [adaface.embed(images[i : i + 1], points[i : i + 1])[0] for i in range(faces)],
            goals[1],
        ),
        (
            f"BiSeNet at {side} px, parsing",
            lambda: bisenet.parse(images),
            lambda: [bisenet.parse(images[i : i + 1])[0] for i in range(faces)],
            1.0,
        ),
    ):
        same = np.isclose(together(), np.stack(alone()), atol=1e-2).mean()
        click.echo(f"{title}: {same:.2%} of the values are the same")
        ways = {"one by one": alone, "together": together}
        measured = rates(ways, faces, rounds, time.perf_counter)
        tables.append(report(title, measured, {("together", "one by one"): goal}))
    save("evaluation_rates", tables)


def landmarks(folder: Path, device: str) -> FANLandmarks:
    """FAN with random weights; boxes are given, so its detector is not used."""
    from face_alignment.models import FAN

    torch.save(FAN(4).state_dict(), folder / "fan.pth")
    detector = YuNet.__new__(YuNet)
    return FANLandmarks(folder / "fan.pth", detector, 1024, 0, device)


def parsing(folder: Path, side: int, device: str) -> BiSeNetParser:
    """BiSeNet with random weights."""
    from facexlib.parsing.bisenet import BiSeNet

    torch.save(BiSeNet(num_class=19).state_dict(), folder / "bisenet.pth")
    return BiSeNetParser(folder / "bisenet.pth", side, device)


if __name__ == "__main__":
    main()
