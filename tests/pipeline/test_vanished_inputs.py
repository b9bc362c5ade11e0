"""An input that vanishes while a stage reads it is named, and finished blocks are kept."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from pipeline import crop, pyramid

CASES = {
    "shard": (pyramid, "reduce_block", "parse/00001.h5", ["sample-x4", "crop", "parse", "out"]),
    "photograph": (
        crop,
        "crop_block",
        "raw/3.png",
        ["sample", "raw", "out", "out.json", "metrics.json"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_vanished_input_is_reported_and_the_stage_resumes_once_it_is_back(
    prepared, drawn_faces, edit_params, monkeypatch, case
):
    edit_params({"recipes.sample.crop.faces_per_shard": 2})
    Path("raw").mkdir()
    for number, face in enumerate(drawn_faces[:4]):
        Image.fromarray(face.image).save(f"raw/{number}.png")
    stage, work, victim, arguments = case
    done, real = [], getattr(stage, work)

    def removing(block):
        if done:
            Path(victim).rename("kept")
        done.append(real(block))
        return done[-1]

    with monkeypatch.context() as patch:
        patch.setattr(stage, work, removing)
        result = CliRunner().invoke(stage.main, arguments)
    assert result.exit_code == 1
    assert f"Error: {victim}: " in result.output
    assert "Traceback" not in result.output
    Path("kept").rename(victim)
    (first,) = Path(".scratch").glob("*/out/00000.h5")
    made = first.stat().st_mtime_ns
    result = CliRunner().invoke(stage.main, arguments)
    assert result.exit_code == 0, result.output
    assert Path("out/00000.h5").stat().st_mtime_ns == made
