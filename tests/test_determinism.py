"""Data stages give identical bytes on any machine and in any order of listing folders."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from pipeline import train
from pipeline.harness import environment
from wnet.training.loop import Training

SCRIPT = Path(__file__).with_name("data_stages.py")
BITS = Path(__file__).with_name("bits_of_faces.py")
TRAINING = Path(__file__).with_name("bits_of_training.py")
SIMD = set(np.show_config(mode="dicts")["SIMD Extensions"]["found"])
AVX2, AVX512 = SIMD & {"AVX2", "X86_V3"}, SIMD & {"AVX512F", "X86_V4"}
WIDE = {name for name in SIMD if name.startswith("AVX512") or name == "X86_V4"}
PROCESSORS = {
    "Prescott": {"OPENBLAS_CORETYPE": "Prescott"},
    **({"Haswell": {"OPENBLAS_CORETYPE": "Haswell"}} if AVX2 else {}),
    **({"Zen": {"OPENBLAS_CORETYPE": "Zen"}} if AVX2 else {}),
    **({"SkylakeX": {"OPENBLAS_CORETYPE": "SkylakeX"}} if AVX512 else {}),
    "one thread": {"OPENBLAS_NUM_THREADS": "1"},
    "two threads": {"OPENBLAS_NUM_THREADS": "2"},
    "no AVX-512 in NumPy": {"NPY_DISABLE_CPU_FEATURES": " ".join(sorted(WIDE))},
    "no AVX2 in NumPy": {"NPY_DISABLE_CPU_FEATURES": " ".join(sorted(SIMD))},
    "no IPP": {"OPENCV_IPP": "disabled"},
    "no AVX2 in OpenCV": {"OPENCV_CPU_DISABLE": "AVX512-SKX,AVX2,FMA3,FP16,AVX"},
    "no AVX2 in libm": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable"},
}
"""Variables that make one library compute as on another processor."""
FIXED_KERNELS = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "COMPATIBLE",
    "OMP_NUM_THREADS": "1",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
}
"""The variables in docs/environment.md that restrict training to kernels for AVX2."""
OLDEST = {
    **PROCESSORS["Prescott"],
    **PROCESSORS["no AVX2 in NumPy"],
    **PROCESSORS["no IPP"],
    **PROCESSORS["no AVX2 in OpenCV"],
    **PROCESSORS["no AVX2 in libm"],
    "WNET_WORKERS": "2",
}


def outputs(
    folder: Path, python=sys.executable, faces=6, options=(), umask=-1, **environment
) -> dict:
    """The output hashes of the data stages for so many faces, in a process with the environment."""
    done = subprocess.run(
        [python, str(SCRIPT), str(folder), str(faces), *options],
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
        seen.append(torch.are_deterministic_algorithms_enabled())
        return step(training, batch)

    monkeypatch.setattr(Training, "step", noted)
    made = []
    for value in ("1", "0"):
        monkeypatch.setenv("WNET_DETERMINISTIC", value)
        folders = ("crop", "parse", "pyramid", "split.json", value, f"{value}.json")
        result = CliRunner().invoke(train.main, ["sample-x4", *folders])
        assert result.exit_code == 0, result.output
        made.append((prepared / value / "network/model.safetensors").read_bytes())
    assert set(seen[: len(seen) // 2]) == {True}
    assert set(seen[len(seen) // 2 :]) == {False}
    assert made[0] == made[1]
    monkeypatch.setenv("WNET_DETERMINISTIC", "yes")
    with pytest.raises(ValueError, match="WNET_DETERMINISTIC=yes: give 0 or 1"):
        environment.choose_kernels()


def bits(**environment) -> dict:
    """The output of `bits_of_faces.py` in a process with the environment."""
    done = subprocess.run(
        [sys.executable, str(BITS)],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout.decode().strip().split("\n")[-1])


def test_other_processors_compute_the_same_bits():
    here = bits()
    libraries = here.pop("libraries")
    seen = {name: bits(**processor) for name, processor in PROCESSORS.items()}
    others = {name: found.pop("libraries") for name, found in seen.items()}
    assert seen == dict.fromkeys(PROCESSORS, here)
    if AVX2:  # else nothing was tried: the libraries themselves do differ
        assert {"Prescott", "no AVX2 in NumPy", "no IPP", "no AVX2 in OpenCV"} <= {
            name for name, found in others.items() if found != libraries
        }


@pytest.mark.parametrize(
    "processor",
    [
        {**PROCESSORS.get("Haswell", {}), **PROCESSORS["two threads"]},
        {**PROCESSORS["no AVX-512 in NumPy"], **PROCESSORS["no IPP"], **PROCESSORS["one thread"]},
        OLDEST,
    ],
    ids=["BLAS", "AVX-512 and IPP", "oldest"],
)
def test_other_processors_make_the_same_bytes(tmp_path, plain, processor):
    assert outputs(tmp_path / "other", **processor) == plain


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> dict:
    return outputs(tmp_path_factory.mktemp("many") / "p", faces=60)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*PROCESSORS, "oldest", "two workers"])
def test_every_processor_makes_the_same_bytes_of_many_faces(tmp_path, many, name):
    more = {"oldest": OLDEST, "two workers": {"WNET_WORKERS": "2"}}
    assert outputs(tmp_path / "other", faces=60, **{**PROCESSORS, **more}[name]) == many


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["tr_TR.UTF-8", "de_DE.ISO-8859-1", "ja_JP.EUC-JP"])
def test_other_locales_change_no_byte(tmp_path, plain, locale):
    """If the system lacks the locale, it uses C, which also differs from the default."""
    made = outputs(tmp_path / "p", LC_ALL=locale, TZ="Pacific/Apia", WNET_WORKERS="3")
    assert made == plain


@pytest.mark.slow
def test_other_pythons_make_the_same(tmp_path, plain):
    """WNET_PYTHONS: interpreters with the libraries of the data stages, separated by colons."""
    pythons = os.environ.get("WNET_PYTHONS")
    if not pythons:
        pytest.skip("WNET_PYTHONS names no interpreters")
    for number, python in enumerate(pythons.split(":")):
        assert outputs(tmp_path / str(number), python) == plain, python


def trained(**environment) -> str:
    """The hash of the weights from `bits_of_training.py` in a process with the environment."""
    return subprocess.run(
        [sys.executable, str(TRAINING)],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        check=True,
    ).stdout.decode()


@pytest.mark.slow  # three processes that import torch
@pytest.mark.skipif(not AVX2, reason="this processor has no AVX2, which the fixed kernels need")
def test_training_by_fixed_kernels_gives_the_same_bits_on_other_processors():
    here = trained(**FIXED_KERNELS)
    others = {**PROCESSORS["no AVX-512 in NumPy"], **PROCESSORS.get("Haswell", {})}
    assert trained(**FIXED_KERNELS, **others, MKL_ENABLE_INSTRUCTIONS="SSE4_2") == here
    assert trained(**FIXED_KERNELS | {"ONEDNN_MAX_CPU_ISA": "SSE41"}) != here  # it is them
