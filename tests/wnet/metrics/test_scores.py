"""The table of scores: the scores of each stage, their variants and their order."""

import subprocess
import sys
from typing import get_args

from small_project import ROOT

from wnet.metrics.images import Protocol
from wnet.metrics.scores import REMARKS, SCORES, STAGES, headline, scores_of
from wnet.metrics.trunks import TRUNKS

BY = {"protocols": ["rgb", "dic"], "lpips": ["vgg", "alex"]}


def in_order(named: list[str], wanted: list[str]) -> bool:
    """Whether these are in this order, whatever a new score adds between them."""
    return [name for name in named if name in wanted] == wanted


def test_scores_by_one_protocol_are_neighbours():
    scores = scores_of("quality", BY)
    protocols = [score.column.split("_")[0] for score in scores]
    assert protocols == sorted(protocols, key=protocols.index)
    assert in_order(
        [score.column for score in scores],
        ["rgb_psnr", "rgb_ssim", "dic_psnr", "dic_ssim", "vgg_lpips", "alex_lpips"],
    )
    assert {"PSNR (rgb), dB", "SSIM (dic)"} <= {score.heading for score in scores}
    assert [score.column for score in scores_of("identity", {})] == [
        "identity_similarity", "identified", "identity_margin",
    ]  # fmt: skip


def test_the_headline_is_by_the_first_of_each():
    scores = [score for stage in STAGES for score in scores_of(stage, BY)]
    assert in_order(
        [score.column for score in headline(scores)],
        ["rgb_psnr", "rgb_ssim", "vgg_lpips", "landmark_distance", "identity_similarity"],
    )
    without = [score.key for score in headline(scores_of("quality", BY | {"lpips": []}))]
    assert in_order(without, ["psnr", "ssim"])
    assert "lpips" not in without


def test_keys_are_unique_and_everything_that_scores_are_measured_by_is_explained():
    assert len({score.key for score in SCORES}) == len(SCORES)
    assert {score.stage for score in SCORES} == set(STAGES)
    assert REMARKS.keys() == {*get_args(Protocol), *TRUNKS}


def test_the_table_needs_no_torch():
    code = "import sys, wnet.metrics.scores; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
