"""A bar that moves by faces, whichever process works on them, and counts work done earlier."""

import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tqdm import tqdm
from waiting import HANG, aside, until

from pipeline import crop_block, parse_block
from pipeline.harness import parallel, scratch
from pipeline.harness.advance import Advance, advance, resumed, working_on
from pipeline.settings import params
from wnet.photographs.folder import find_photographs


@pytest.fixture
def bar():
    with tqdm(total=14, file=io.StringIO()) as made:
        yield made


def test_the_bar_is_where_the_blocks_are(bar, tmp_path):
    path = tmp_path / "crop-a.advance"
    following = Advance(bar, path, [4, 6, 4])
    following.draw()
    assert bar.n == 0
    with working_on(path, 1):
        advance()
        advance(2)
        following.draw()
        assert bar.n == 3
    with working_on(path, 0):
        resumed()
    with working_on(path, 2):
        advance()
    following.draw()
    assert (bar.n, bar.initial) == (8, 4)  # four of them take no time, and do not count in the rate
    following.finished()
    following.finished()
    following.draw()
    assert (bar.n, bar.initial) == (11, 4)
    with working_on(path, 2):  # on a Dask worker, since the one that worked on it has died
        following.draw()
        assert bar.n == 11
        advance()
        following.draw()
        assert bar.n == 11


def test_without_a_file_it_moves_by_blocks(bar, tmp_path):
    for path in (None, tmp_path / "gone/crop-a.advance"):
        following = Advance(bar, path, [4, 6, 4])
        with working_on(path, 0):
            advance()
            resumed()
        following.draw()
        assert bar.n == 0
    following.finished()
    following.draw()
    assert bar.n == 4


def test_two_processes_move_one_bar(project, monkeypatch):
    bars = []

    def kept(*args):
        bars.append(tqdm(total=6, file=io.StringIO()))
        return bars[0]

    def work(block):
        from pipeline.harness.advance import advance

        for face in (1, 2):
            while not Path(f"go-{face}").exists():
                time.sleep(0.02)
            advance()
        while not Path("go-3").exists():
            time.sleep(0.02)
        return block

    monkeypatch.setenv("WNET_WORKERS", "2")
    monkeypatch.setattr(parallel, "progress", kept)

    def stage():
        with scratch.workspace("crop", "a", [], {}):
            return parallel.map_blocks(work, [1, 2], [3, 3], "crop")

    done = aside(stage)
    until(lambda: bars)
    for face in (1, 2):
        Path(f"go-{face}").touch()
        until(lambda face=face: bars[0].n == 2 * face)
    Path("go-3").touch()
    assert done.result(HANG) == [1, 2]
    assert bars[0].n == 6
    assert not [*Path(".scratch").glob("*.advance")]


def test_data_stages_say_each_face(project, drawn_faces, monkeypatch):
    """Blocks of `crop` and `parse`: few faces at once, each of them once; a resumed block whole."""
    raw, out = project / "data/raw/sample", project / "work/out"
    for folder in (raw, out):
        folder.mkdir(parents=True)
    for number, face in enumerate(drawn_faces):
        Image.fromarray(face.image).save(raw / f"{number}.png")
    (raw / "text.jpg").write_text("no picture")
    settings, found = params.load().recipes["sample"], find_photographs(raw)
    said, batches, find = [], [], crop_block.find_landmarks

    def few(images, *rest):
        batches.append(len(images))
        return find(images, *rest)

    monkeypatch.setattr(crop_block, "find_landmarks", few)
    for module in (crop_block, parse_block):
        monkeypatch.setattr(module, "advance", lambda faces=1: said.append(faces))
        monkeypatch.setattr(module, "resumed", lambda: said.append("resumed"))
    cropping = crop_block.Block(found, found.names, {}, {}, settings.crop, (), out / "0.h5")
    crop_block.crop_block(cropping)
    assert said == [1] * 9
    assert max(batches) <= 4
    crop_block.crop_block(cropping)
    assert said[9:] == ["resumed"]
    said.clear()
    parsing = parse_block.Block(out / "0.h5", settings.parse, (), project / "work/maps.h5")
    shares = parse_block.parse_block(parsing)
    assert said == [1] * 8
    np.testing.assert_array_equal(parse_block.parse_block(parsing), shares)
    assert said[8:] == ["resumed"]
