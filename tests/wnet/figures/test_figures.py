"""Grids of faces and the paper's tables: every pixel and row is in its place."""

import io
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from PIL import Image

from wnet.figures.choice import evenly_ranked
from wnet.figures.face_row import Face, column_titles, face_row
from wnet.figures.grid import BACKGROUND, Cell, as_png, draw_grid, enlarge, with_points
from wnet.figures.overlays import CLASS_COLOURS, parsing_overlay, skin_overlay
from wnet.figures.paper import TABLE_1, TABLE_2, Row, beside_ours, paper_test_set
from wnet.parsing.classes import CLASSES


@pytest.fixture
def random():
    return np.random.default_rng(5)


def decoded(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_the_grid_holds_each_picture_at_its_place(random):
    pictures = random.integers(0, 256, (2, 3, 96, 96, 3), dtype=np.uint8)
    rows = [[Cell(picture, "a note") for picture in row] for row in pictures]
    grid = draw_grid([("title", "remark")] * 3, rows)
    # side 96: gaps of 96/24 = 4, lines of 12, 4 + 2 x 12 + 2 = 30 above, 96 + 12 + 4 = 112 a row
    assert grid.shape == (30 + 2 * 112, 4 + 3 * 100, 3)
    for row, column in np.ndindex(2, 3):
        y, x = 30 + 112 * row, 4 + 100 * column
        np.testing.assert_array_equal(grid[y : y + 96, x : x + 96], pictures[row, column])
    assert (grid[:, :4] == BACKGROUND).all()
    titles, notes = grid[4:30, 4:100], grid[126:140, 104:200]
    assert (titles != BACKGROUND).any()
    assert (notes != BACKGROUND).any()


def test_a_long_name_stays_below_its_own_picture():
    black = np.zeros((96, 96, 3), np.uint8)
    grid = draw_grid([("", "")] * 2, [[Cell(black, "folder/" * 20 + "x.jpg"), Cell(black, "")]])
    assert (grid[126:142, 4:100] != BACKGROUND).any()
    assert (grid[126:142, 102:] == BACKGROUND).all()


def test_pictures_that_do_not_fit_are_refused():
    cell = Cell(np.zeros((8, 8, 3), np.uint8), "")
    with pytest.raises(ValueError, match="1 pictures below 2 titles"):
        draw_grid([("", "")] * 2, [[cell]])
    with pytest.raises(ValueError, match=r"\(8, 9, 3\)"):
        draw_grid([("", "")] * 2, [[cell, Cell(np.zeros((8, 9, 3), np.uint8), "")]])


def test_dots_are_on_the_centres_of_pixels():
    points = np.array([[10, 20], [40.5, 30], [np.nan, 5]])
    picture = with_points(np.zeros((64, 64, 3), np.uint8), points, 4).astype(float)
    # the centre of pixel (10, 20) is 4 x 10.5 - 0.5 = 41.5, 81.5 after enlarging by 4
    rows, columns = np.nonzero(picture.sum(axis=2) > 0)
    left = columns < 100
    for chosen, centre in ((left, (81.5, 41.5)), (~left, (121.5, 163.5))):
        weights = picture.sum(axis=2)[rows[chosen], columns[chosen]]
        found = [np.average(axis[chosen], weights=weights) for axis in (rows, columns)]
        np.testing.assert_allclose(found, centre, atol=0.1)


def test_a_face_without_landmarks_says_so(random):
    small, large = (random.integers(0, 256, (s, s, 3), dtype=np.uint8) for s in (4, 16))
    nowhere = np.full((68, 2), np.nan)
    face = Face(
        name="a.jpg", lr=small, bicubic=large, sr=large, hr=large, estimated=small[..., 0],
        true=small[..., 1], classes=large[..., 0], points=nowhere, bicubic_points=nowhere,
        sr_points=nowhere, bicubic_psnr=30.0, sr_psnr=29.5,
    )  # fmt: skip
    row = face_row(face, 3)
    assert len(row) == len(column_titles(face))
    assert {cell.picture.shape for cell in row} == {(48, 48, 3)}
    assert [cell.note for cell in row[:3]] == ["a.jpg", "30.00 dB", "29.50 dB (−0.50)"]
    assert row[6].note == "no face found"
    np.testing.assert_array_equal(row[6].picture, enlarge(large, 3))


def test_a_face_has_a_column_for_each_of_its_pictures(random):
    small, large = (random.integers(0, 256, (s, s, 3), dtype=np.uint8) for s in (4, 16))
    points = np.full((68, 2), 5.0)
    face = Face(
        name="a.jpg", lr=small, bicubic=large, sr=None, hr=large, estimated=None, true=None,
        classes=None, points=points, bicubic_points=points, sr_points=None, bicubic_psnr=30.0,
        sr_psnr=30.0,
    )  # fmt: skip
    titles = [title for title, _ in column_titles(face)]
    assert titles == ["Input", "Bicubic", "Original", "Original", "Bicubic"]
    row = face_row(face, 3)
    assert [cell.note for cell in row] == ["a.jpg", "30.00 dB", "", "", ""]
    assert not np.array_equal(row[4].picture, row[1].picture)  # it has the landmarks
    estimating = replace(face, sr=large, sr_points=points, estimated=small[..., 0])
    assert [title for title, _ in column_titles(estimating)] == [
        "Input", "Bicubic", "Network", "Original", "Skin, estimated", "Original", "Network",
    ]  # fmt: skip
    assert len(face_row(estimating, 3)) == 7


def test_faces_are_spread_from_best_to_worst():
    values = np.array([3.0, np.nan, 9, 1, 7, np.inf, 5, 8])
    assert values[evenly_ranked(values, 3)].tolist() == [9, 7, 1]  # of 9 8 7 5 3 1
    assert values[evenly_ranked(values, 6)].tolist() == [9, 8, 7, 5, 3, 1]
    assert len(evenly_ranked(values, 100)) == 6
    assert values[evenly_ranked(values, 1)].tolist() == [5]
    assert evenly_ranked(np.array([np.nan, np.inf, np.nan]), 2).tolist() == [0, 1]


def test_overlays_are_transparent_outside_their_marks():
    assert len(CLASS_COLOURS) == len(set(CLASS_COLOURS.values())) == len(CLASSES) - 1
    classes = np.array([[0, CLASSES.index("hair")], [CLASSES.index("nose"), 0]], np.uint8)
    rgba = np.asarray(Image.open(io.BytesIO(parsing_overlay(classes))).convert("RGBA"))
    assert rgba[..., 3].tolist() == [[0, 255], [255, 0]]
    for place, title in (((0, 1), "hair"), ((1, 0), "nose")):
        assert bytes(rgba[place][:3]).hex() == CLASS_COLOURS[title][1:]
    skin = np.asarray(Image.open(io.BytesIO(skin_overlay(np.array([[0, 99]], np.uint8)))))
    assert skin[0, :, 3].tolist() == [0, 99]


def test_a_grid_is_stored_without_loss_and_metadata(random):
    image = random.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    np.testing.assert_array_equal(decoded(as_png(image)), image)
    assert Image.open(io.BytesIO(as_png(image))).info == {}


def test_the_papers_rows_are_all_there_with_the_digits_of_the_paper():
    modes = {(row.test_set, row.scale, row.note) for row in TABLE_1 if row.method == "W-Net"}
    assert len(modes) == 2 * 2 * 2
    assert (len(TABLE_1), len(TABLE_2)) == (4 * 14, 4 * 6)
    assert {len(row.figures) for row in TABLE_1} == {3}
    assert {len(row.figures) for row in TABLE_2} == {2}
    printed = {(row.method, row.test_set, row.scale, row.note): row.figures for row in TABLE_1}
    assert str(printed["W-Net", "CelebA", 8, "training mode II"][0]) == "27.40"
    assert str(printed["Bicubic", "Helen", 8, ""][1]) == "0.6396"
    found = {(row.method, row.test_set, row.scale): row.figures for row in TABLE_2}
    assert str(found["MRRNet", "Helen", 8][0]) == "14.30"


def test_our_rows_follow_the_papers_if_comparable():
    ours = Row(
        origin="ours", test_set="Helen", scale=8, method="W-Net", note="", figures=(Decimal(1),)
    )
    ((test_set, scale, rows),) = beside_ours(TABLE_2, [ours])
    assert (test_set, scale, len(rows), rows[-1]) == ("Helen", 8, 7, ours)
    assert {(row.test_set, row.scale) for row in rows} == {("Helen", 8)}
    assert beside_ours(TABLE_2, []) == []


@pytest.mark.parametrize(
    ("dataset", "scale", "side", "expected"),
    [("celeba", 4, 128, "CelebA"), ("helen", 8, 128, "Helen"), ("celeba", 4, 64, None),
     ("celeba", 2, 128, None), ("sample", 4, 128, None)],
)  # fmt: skip
def test_only_comparable_rows_are_shown_with_the_papers(dataset, scale, side, expected):
    assert paper_test_set(dataset, scale, side) == expected
