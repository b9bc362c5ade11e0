"""The stage `quality`: its figures are those of scikit-image and of the published protocol."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner
from params_file import edit_resolved
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from pipeline import quality
from wnet.data.resize import bicubic
from wnet.data.shards import write_index, write_shard


@pytest.fixture(autouse=True)
def settings(edit_params):
    """Settings that do not depend on the project's own params.yaml."""
    edit_params({"quality.protocols": ["dic", "sparnet", "rgb"], "quality.lpips": []})


def prepare(project, hr, scale, sr=None):
    """Results and crops of faces whose `bicubic` column is their true reconstruction."""
    names = np.array([f"{number}.png" for number in range(len(hr))])
    side = hr.shape[1] // scale
    large = bicubic(bicubic(hr, side, side), hr.shape[1], hr.shape[2])
    (project / "crop").mkdir()
    write_shard(project / "crop/00000.h5", {"name": names, "hr": hr})
    write_index(project / "crop")
    columns = {"name": names[::-1], "bicubic": large[::-1], "sr": large[::-1] if sr is None else sr}
    write_shard(project / "sr.h5", columns)
    return large


def run(project, scale):
    edit_resolved(project, "quality", "sample-x4", {"scale": scale})
    outputs = ("quality.csv", "quality.json", "metrics.json")
    arguments = ["sample-x4", "sr.h5", "crop", *outputs]
    result = CliRunner().invoke(quality.main, arguments)
    assert result.exit_code == 0, result.output
    with (project / "quality.csv").open(newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    return json.loads((project / "quality.json").read_text()), rows


def test_means_and_rows_are_those_of_scikit_image(project, random):
    hr = random.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    large = prepare(project, hr, 4)
    summary, rows = run(project, 4)
    expected_psnr, expected_ssim = [], []
    for row in range(4):
        expected_psnr.append(peak_signal_noise_ratio(hr[row], large[row], data_range=255))
        expected_ssim.append(
            structural_similarity(
                hr[row],
                large[row],
                channel_axis=2,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
                data_range=255,
            )
        )
        found = rows[f"{row}.png"]
        assert float(found["bicubic_rgb_psnr"]) == pytest.approx(expected_psnr[row], abs=1e-5)
        assert float(found["bicubic_rgb_ssim"]) == pytest.approx(expected_ssim[row], abs=1e-5)
    assert summary["bicubic"]["psnr"]["rgb"] == pytest.approx(np.mean(expected_psnr), abs=1e-5)
    assert summary["bicubic"]["ssim"]["rgb"] == pytest.approx(np.mean(expected_ssim), abs=1e-5)
    assert summary["sr"] == summary["bicubic"]
    assert summary["faces"] == 4
    assert "lpips" not in summary["sr"]


def test_the_headline_is_by_the_first_protocol(project, random, edit_params):
    edit_params({"quality.protocols": ["rgb", "dic"]})
    prepare(project, random.integers(0, 256, (2, 32, 32, 3), dtype=np.uint8), 4)
    summary, _ = run(project, 4)
    first = {
        method: {key: {"rgb": by["rgb"]} for key, by in summary[method].items()}
        for method in ("bicubic", "sr")
    }
    assert json.loads((project / "metrics.json").read_text()) == {
        "sample-x4": {"faces": 2, **first}
    }


def test_only_the_wanted_protocols_are_scored(project, random, edit_params):
    edit_params({"quality.protocols": ["sparnet"]})
    prepare(project, random.integers(0, 256, (2, 32, 32, 3), dtype=np.uint8), 4)
    summary, _ = run(project, 4)
    assert {key: set(by) for key, by in summary["sr"].items()} == {
        "psnr": {"sparnet"},
        "ssim": {"sparnet"},
    }


def test_a_perfect_face_is_counted_and_not_averaged(project, random):
    hr = random.integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    worse = np.where(hr[:1] < 255, hr[:1] + 1, 254).astype(np.uint8)
    prepare(project, hr, 4, sr=np.concatenate([hr[1:], worse]))
    summary, rows = run(project, 4)
    assert summary["identical"] == 1
    assert summary["sr"]["psnr"]["rgb"] == pytest.approx(20 * np.log10(255), abs=1e-5)
    assert rows["1.png"]["sr_rgb_psnr"] == "inf"


@pytest.mark.parametrize(("scale", "psnr", "ssim"), [(4, 27.493, 0.7999), (8, 23.534, 0.6258)])
def test_bicubic_on_the_test_set_of_dic(project, real_data, scale, psnr, ssim):
    files = sorted((real_data / "celeba_dic/HR").iterdir())
    hr = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    prepare(project, hr, scale)
    summary, _ = run(project, scale)
    assert summary["faces"] == 200
    assert summary["bicubic"]["psnr"]["dic"] == pytest.approx(psnr, abs=0.002)
    assert summary["bicubic"]["ssim"]["dic"] == pytest.approx(ssim, abs=0.0003)
