"""The ablation: the paper's rows, DVC's arguments for them, the table and the maps."""

import numpy as np
import pytest
from click.testing import CliRunner

from pipeline.commands import ablation
from pipeline.commands.cli import main
from pipeline.settings import params
from wnet.figures.ablation import TABLE_3, Measured, table_3
from wnet.figures.grid import BACKGROUND
from wnet.figures.parsing_maps import SIDE, Maps, draw_parsing_maps


def test_rows_hold_the_parts_that_the_paper_s_text_gives_them():
    parts = {row.letter: tuple(row.parts.values()) for row in TABLE_3}
    assert parts["A"] == (False, False, False)
    assert parts["H"] == (True, True, True)
    assert len(set(parts.values())) == 8
    with_lpf = [letter for letter, (_, lpf, _) in parts.items() if lpf]
    assert with_lpf == ["C", "F", "G", "H"]
    gains = [row.psnr for row in TABLE_3]
    assert gains == sorted(gains)


def test_a_row_is_an_experiment_over_the_training_s_own_run(project):
    words = ablation.arguments(params.load(), "sample-x4", TABLE_3[6], ["train.seed=2"], ["data/x"])
    assert words == [
        "exp", "run", "--temp", "--name", "sample-x4-exp-g",
        "--set-param", "++runs.wnet-small.model.use_parsing_block=false",
        "--set-param", "train.seed=2", "--copy-paths", "data/x", "quality@sample-x4",
    ]  # fmt: skip


def test_the_table_shows_ours_beside_the_paper_s():
    measured = [None] * 7 + [
        Measured(psnr=28.125, ssim=0.81256, parsing_iou=0.9, parameters=285932, epochs=6)
    ]
    lines = table_3(measured).split("\n")
    assert len({len(line) for line in lines}) == 1
    assert lines[1].split() == ["A", ".", ".", ".", "-", "-", "-", "-", "-", "28.69", "0.8358"]
    assert lines[8].split() == [
        "H", "x", "x", "x", "285,932", "6", "28.12", "0.8126", "0.9000", "31.63", "0.9029"
    ]  # fmt: skip


def test_maps_stand_in_rows_with_their_iou():
    lr = np.full((2, 16, 16, 3), 200, np.uint8)
    true, half = np.zeros((2, 2, 16, 16), np.uint8)
    true[:, :8], half[:, 4:12] = 255, 128  # they share 4 of 12 rows
    maps = Maps(lr=lr, true=true, with_block=true, without_block=half)
    np.testing.assert_allclose(maps.iou(half), [1 / 3, 1 / 3])
    np.testing.assert_allclose(maps.iou(true), [1, 1])
    small = Maps(**{key: values[:1, ::2, ::2] for key, values in vars(maps).items()})
    picture = draw_parsing_maps([maps, small])
    for colour in (BACKGROUND, (200, 200, 200), (255, 255, 255), (128, 128, 128)):
        assert (picture == colour).all(axis=2).any()
    shown = (picture == (128, 128, 128)).all(axis=2).sum()
    assert shown == pytest.approx(3 * SIDE * SIDE / 2, rel=0.01)


@pytest.mark.parametrize(
    ("changes", "training", "said"),
    [
        ({}, "nix", "nix: not among the trainings of params.yaml (sample-x4)"),
        ({"trainings.sample-x4.run": "edsr"}, "sample-x4", "trains no W-Net"),
        (
            {"evaluations": {}, "comparisons": {}},
            "sample-x4",
            "no evaluation in params.yaml is of it",
        ),
    ],
)
def test_what_cannot_be_ablated_is_said(edit_params, changes, training, said):
    if changes:
        edit_params(changes)
    for command in ("train", "show"):
        result = CliRunner().invoke(main, ["ablation", command, training])
        assert result.exit_code == 1
        assert said in result.output


def test_a_failed_row_is_named_and_the_others_are_run(project, monkeypatch):
    run = []
    monkeypatch.setattr(
        ablation, "run_experiment", lambda words: run.append(words) or "exp-b" not in words[4]
    )
    result = CliRunner().invoke(main, ["ablation", "train", "sample-x4", "--rows", "abc"])
    assert [words[4][-1] for words in run] == ["a", "b", "c"]
    assert result.exit_code == 1
    assert "failed: sample-x4-exp-b; the others are done" in result.output
