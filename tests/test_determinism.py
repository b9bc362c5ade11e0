"""Data stages give the same bytes wherever they run, however their folders are listed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from pipeline import train
from pipeline.harness import environment
from wnet.training.loop import Training

SCRIPT = Path(__file__).with_name("data_stages.py")


def outputs(folder: Path, python=sys.executable, options=(), umask=-1, **environment) -> dict:
    """What the data stages make, in a process with that environment."""
    done = subprocess.run(
        [python, str(SCRIPT), str(folder), *options],
        env={"PATH": os.environ["PATH"], "WNET_WORKERS": "1", **environment},
        umask=umask,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.decode().strip().split("\n")[-1])


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> dict:
    return outputs(tmp_path_factory.mktemp("plain") / "p", LC_ALL="C.UTF-8", TZ="UTC")


def test_locale_zone_hashes_umask_workers_and_listing_change_no_byte(tmp_path, plain):
    other = outputs(
        tmp_path / "other",
        options=["backwards"],
        umask=0o077,
        LC_ALL="C",
        PYTHONCOERCECLOCALE="0",
        PYTHONUTF8="0",
        TZ="Asia/Kathmandu",
        PYTHONHASHSEED="321",
        WNET_WORKERS="2",
    )
    assert {"data/pyramid/00001.h5", "data/split.json", "data/parse.csv"} <= plain.keys()
    assert other == plain


def test_the_switch_has_torch_refuse_what_is_not_deterministic(prepared, monkeypatch):
    """No kernel that W-Net trains with is refused, as far as a CPU can tell."""
    seen = []
    step = Training.step

    def noted(training, batch):
        seen.append((torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark))
        return step(training, batch)

    monkeypatch.setattr(Training, "step", noted)
    made = []
    for value in ("1", "0"):
        monkeypatch.setenv("WNET_DETERMINISTIC", value)
        folders = ("crop", "parse", "pyramid", "split.json", value, f"{value}.json")
        result = CliRunner().invoke(train.main, ["sample-x4", *folders])
        assert result.exit_code == 0, result.output
        made.append((prepared / value / "network/model.safetensors").read_bytes())
    assert set(seen[: len(seen) // 2]) == {(True, False)}
    assert set(seen[len(seen) // 2 :]) == {(False, True)}
    assert made[0] == made[1]
    monkeypatch.setenv("WNET_DETERMINISTIC", "yes")
    with pytest.raises(ValueError, match="WNET_DETERMINISTIC=yes: give 0 or 1"):
        environment.choose_kernels()


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["tr_TR.UTF-8", "de_DE.ISO-8859-1", "ja_JP.EUC-JP"])
def test_other_locales_change_no_byte(tmp_path, plain, locale):
    """Where the system lacks the locale, it takes C, which is another one too."""
    made = outputs(tmp_path / "p", LC_ALL=locale, TZ="Pacific/Apia", WNET_WORKERS="3")
    assert made == plain


@pytest.mark.slow
def test_other_pythons_make_the_same(tmp_path, plain):
    """WNET_PYTHONS: interpreters, with a colon between, that have the data stages' libraries."""
    pythons = os.environ.get("WNET_PYTHONS")
    if not pythons:
        pytest.skip("WNET_PYTHONS names no interpreters")
    for number, python in enumerate(pythons.split(":")):
        assert outputs(tmp_path / str(number), python) == plain, python
