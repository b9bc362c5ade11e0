"""The stage `crop`: what it adds to the time of decoding, resizing and finding faces.

Photographs are drawn, as JPEG of CelebA's 178 x 218 pixels. With the landmarks given, the stage's
block (read, decode, crop, resize, write the shard) is compared with decoding and resizing alone,
and with the usual code of other repositories: Pillow and one PNG file per face, with the same
pixels. With dlib it is compared with detector and predictor alone. Times are CPU times of the
stage's process and of the decoding process; two processes are compared with one in wall-clock time.

    python benchmarks/crop_rates.py
"""

import io
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf
from pathlib import Path

import click
import cv2
import numpy as np
from interleaved import cpu_seconds, rates, report, save
from PIL import Image
from xxhash import xxh3_128_hexdigest

from drawn.photograph import render
from pipeline import crop_block
from pipeline.harness import environment, parallel
from pipeline.settings import params
from wnet.crops.extraction import Annotation, cut_faces, find_landmarks
from wnet.crops.rules import crop_box, cut_out
from wnet.crops.settings import Extraction
from wnet.data.resize import bicubic
from wnet.data.shards import read_shard, write_shard
from wnet.landmarks.finder import choose_face
from wnet.landmarks.looks import Face, Faces
from wnet.landmarks.methods.dlib import dlib_landmarks
from wnet.photographs.decoder import decoder
from wnet.photographs.folder import Photographs, find_photographs
from wnet.photographs.handover import Receiver, Sender
from wnet.photographs.images import decode

MAX_PIXELS = 64_000_000


class Given:
    """A finder with known landmarks, to measure the rest of the stage."""

    def __init__(self, known: dict[bytes, np.ndarray]):
        self._known = known

    upright_score, upsampling, steady = 0.0, 0, inf

    def look(self, images: Sequence[np.ndarray], doublings: int) -> list[np.ndarray]:
        points = self.predict(images, [])
        corners = [(*own.min(axis=0), *own.max(axis=0), 1.0) for own in points]
        return [np.array([corner]) for corner in corners]

    def predict(self, images: Sequence[np.ndarray], boxes: Sequence[np.ndarray]) -> np.ndarray:
        points = [self._known[image[100].tobytes()] for image in images]
        return np.array(points, np.float32).reshape(-1, 68, 2)


@click.command()
@click.option("--photographs", default=400, show_default=True)
@click.option("--rounds", default=5, show_default=True)
def main(photographs: int, rounds: int) -> None:
    """Crop PHOTOGRAPHS drawn photographs in every way."""
    cv2.setNumThreads(1)
    environment.keep_freed_memory(parallel.KEPT)  # for all ways, as a stage does
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = draw(folder / "raw", photographs)
        found = find_photographs(folder / "raw")
        data = [found.read(photograph, MAX_PIXELS) for photograph in found.names]
        settings = params.load().crop.model_copy(update={"landmarks": "dlib", "min_side": 0})
        block = Work(found, settings, folder)
        points = [known[decode(content, MAX_PIXELS)[100].tobytes()] for content in data]
        boxes = [crop_box(settings, (218, 178), one, None) for one in points]
        pixels = [cut_out(decode(d, MAX_PIXELS), box) for d, box in zip(data, boxes, strict=True)]

        def decode_and_resize() -> None:
            for content, box in zip(data, boxes, strict=True):
                bicubic(cut_out(decode(content, MAX_PIXELS), box)[None], 128, 128)

        def to_png() -> None:
            for number, (content, one) in enumerate(zip(data, pixels, strict=True)):
                Image.open(io.BytesIO(content)).convert("RGB")
                face = Image.fromarray(one).resize((128, 128), Image.Resampling.BICUBIC)
                face.save(folder / f"{number}.png")

        given = Given(known)
        ways = {
            "decode and resize alone": decode_and_resize,
            "Pillow to PNG files": to_png,
            "stage": lambda: block.run(given),
        }
        measured = rates(ways, photographs, rounds, computing)
        first = read_shard(folder / "work/out/0.h5", "hr")["hr"][0]
        assert np.array_equal(first, np.asarray(Image.open(folder / "0.png"))), "other pixels"
        goals = {("stage", "decode and resize alone"): 0.8, ("stage", "Pillow to PNG files"): 6.0}
        tables = [report("crop, landmarks given", measured, goals)]
        measured = rates(parts(found, data, points, given, settings, folder), photographs, rounds)
        tables.append(report("its parts, in one process", measured, {}))

        dlib = dlib_landmarks(settings.detection_side, settings.upsampling)
        images = [decode(content, MAX_PIXELS) for content in data]

        def find_alone() -> None:
            for image in images:
                (found,) = dlib.detect([image])
                if len(found):
                    dlib.predict([image], [found[choose_face(found, None)]])

        ways = {"dlib alone": find_alone, "stage": lambda: block.run(dlib)}
        measured = rates(ways, photographs, max(2, rounds // 2), computing)
        tables.append(report("crop with dlib", measured, {("stage", "dlib alone"): 0.9}))
        tables.append(two_workers(block, photographs, rounds))
        save("crop_rates", tables)


def parts(
    found: Photographs,
    data: list[bytes],
    points: list[np.ndarray],
    given: Given,
    settings: Extraction,
    folder: Path,
) -> dict[str, Callable[[], object]]:
    """The parts of the stage for every photograph, one by one, without the second process."""
    images = [decode(content, MAX_PIXELS) for content in data]
    faces = [Faces((Face(one, 0, 0),), {}, 1) for one in points]
    cut = [
        dict(cut_faces(image, face, settings, Annotation()))[0]
        for image, face in zip(images, faces, strict=True)
    ]
    columns = crop_block._columns(dict(zip(found.names, cut, strict=True)))
    receiver = Receiver()
    sender, into = Sender(*map(os.dup, receiver.descriptors)), np.empty_like(images[0])
    return {
        "read": lambda: [found.read(name, MAX_PIXELS) for name in found.names],
        "decode": lambda: [decode(content, MAX_PIXELS) for content in data],
        "hand over": lambda: [
            (sender.send(image, lambda: None), receiver.receive(into, lambda: None))
            for image in images
        ],
        "digest": lambda: [xxh3_128_hexdigest(image.data) for image in images],
        "judge landmarks": lambda: [
            find_landmarks(some, [Annotation()] * len(some), given, settings.rule, settings)
            for some in parallel.in_blocks(images, crop_block._ON_CPU)
        ],
        "cut out and resize": lambda: [
            list(cut_faces(image, face, settings, Annotation()))
            for image, face in zip(images, faces, strict=True)
        ],
        "write the shard": lambda: write_shard(folder / "part.h5", columns),
    }


def computing() -> float:
    """Seconds of CPU time of this process and of the decoding process."""
    decoding = decoder(MAX_PIXELS)._process
    return cpu_seconds(*([decoding.pid] if decoding else []))


class Work:
    """All photographs as one block of the stage, or as several."""

    def __init__(self, photographs: Photographs, settings, folder: Path):
        self._all, self._settings, self._folder = photographs, settings, folder
        self._place = replace(photographs, names=(), others=())

    def blocks(self, count: int) -> list[crop_block.Block]:
        """The photographs in `count` blocks, none of which is finished yet."""
        out = self._folder / "work/out"
        out.mkdir(parents=True, exist_ok=True)
        for note in out.parent.glob("*.json"):
            note.unlink()
        length = -(-len(self._all.names) // count)
        return [
            crop_block.Block(self._place, names, {}, {}, self._settings, (), out / f"{number}.h5")
            for number, names in enumerate(parallel.in_blocks(self._all.names, length))
        ]

    def run(self, finder) -> None:
        """Process one block in this process, with this finder."""
        (block,) = self.blocks(1)
        original, crop_block.landmark_finder = crop_block.landmark_finder, lambda *_: finder
        try:
            outcome = crop_block.crop_block(block)
        finally:
            crop_block.landmark_finder = original
        assert len(outcome["faces"]) > 0.9 * len(self._all.names)


def two_workers(work: Work, photographs: int, rounds: int) -> dict:
    """Compare one process with two, on blocks of an eighth."""

    def spread(workers: int) -> None:
        os.environ["WNET_WORKERS"] = str(workers)
        blocks = work.blocks(8)
        sizes = [len(block.names) for block in blocks]
        parallel.map_blocks(crop_block.crop_block, blocks, sizes, "crop")

    ways = {"one process": lambda: spread(1), "two processes": lambda: spread(2)}
    measured = rates(ways, photographs, max(2, rounds // 2), time.perf_counter)
    title = "crop with dlib in processes, on the wall"
    return report(title, measured, {("two processes", "one process"): 1.8})


def draw(folder: Path, count: int) -> dict[bytes, np.ndarray]:
    """Draw photographs; returns their points, by the bytes of row 100 of the decoded image."""
    folder.mkdir()
    known = {}
    for number in range(count):
        face = render(number, number, 178)
        content = io.BytesIO()
        tall = np.pad(face.image, ((20, 20), (0, 0), (0, 0)), "symmetric")
        Image.fromarray(tall).save(content, "JPEG", quality=90)
        (folder / f"{number:06}.jpg").write_bytes(content.getvalue())
        row = decode(content.getvalue(), MAX_PIXELS)[100].tobytes()
        known[row] = (face.points + (0, 20)).astype(np.float32)
    return known


if __name__ == "__main__":
    main()
