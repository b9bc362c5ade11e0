"""Exported files give what the networks give, clamped, for other batches and sides than exported.

The networks with their random weights make values beyond 0 and 1, so that the clamp is seen.
"""

import pytest
import torch
from narrow_networks import narrow

from wnet.networks import export as exporting
from wnet.networks.by_name import names
from wnet.networks.export import Difference, export

pytestmark = pytest.mark.usefixtures("one_thread")


def with_onnx() -> dict:
    """What .onnx needs, or the test is skipped."""
    return {
        name: pytest.importorskip(name, reason=f"{name} is not installed: pip install '.[export]'")
        for name in exporting.LIBRARIES
    }


def session(path):
    runtime = with_onnx()["onnxruntime"]
    return runtime.InferenceSession(path, providers=["CPUExecutionProvider"])


def by_onnxruntime(path, lr):
    run = session(path)
    made = run.run(None, {"lr": lr.numpy()})
    keys = [output.name for output in run.get_outputs()]
    return dict(zip(keys, map(torch.from_numpy, made), strict=True))


def by_torch(path, lr):
    return torch.export.load(path).module()(lr)


@torch.no_grad()
def assert_same(network, path, batch, height, width):
    """But for the few pixels of the enlarged face that round to the other level.

    What comes of such a pixel is around it; in MRRNet, which normalizes whole maps, everywhere.
    """
    lr = torch.rand(batch, 3, height, width)
    wanted = network(lr)
    made = (by_onnxruntime if path.suffix == ".onnx" else by_torch)(path, lr)
    assert made.keys() == wanted.keys()
    for name, values in wanted.items():
        assert made[name].shape == values.shape
        difference = (made[name] - values.clamp(0, 1)).abs()
        assert difference.median() < (exporting.TYPICAL if network.kind() == "mrrnet" else 1e-5)
        assert difference.max() < 0.02
    scale = network.scale
    assert made["sr"].shape == (batch, 3, scale * height, scale * width)


@pytest.mark.parametrize("suffix", [".onnx", ".pt2"])
@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("edsr", 8),
        pytest.param("wnet", 4, marks=pytest.mark.slow),
        *(
            pytest.param(name, scale, marks=pytest.mark.slow)
            for name in names()
            for scale in (4, 8)
            if (name, scale) not in (("edsr", 8), ("wnet", 4))
        ),
    ],
)
def test_every_network_is_exported_for_any_batch_and_all_its_sides(tmp_path, name, scale, suffix):
    if suffix == ".onnx":
        with_onnx()
    network, path = narrow(name, scale), tmp_path / f"network{suffix}"
    assert export(network, path).small
    assert list(tmp_path.iterdir()) == [path]
    smallest, step = network.config.lr_sides(scale)
    for batch, rows, columns in ((1, 0, 0), (2, 1, 1), (5, 3, 0), (1, 4, 7)):
        assert_same(network, path, batch, smallest + step * rows, smallest + step * columns)


def test_the_file_says_what_goes_in_and_what_comes_out(tmp_path):
    onnx = with_onnx()["onnx"]
    export(narrow("edsr", 4), tmp_path / "out.onnx")
    (given,), (made,) = (
        getattr(session(tmp_path / "out.onnx"), f"get_{side}")() for side in ("inputs", "outputs")
    )
    assert (given.name, given.shape) == ("lr", ["batch", 3, "height", "width"])
    assert (made.name, made.shape) == ("sr", ["batch", 3, "4*height", "4*width"])
    model = onnx.load(tmp_path / "out.onnx")
    onnx.checker.check_model(model, full_check=True)
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert said.keys() == {"network", "scale", "lr", "sr"}
    assert "RGB from 0 to 1" in said["lr"]
    assert "1, 2, 3, ... px" in said["lr"]
    assert "clamped to 0 to 1" in said["sr"]


@pytest.mark.parametrize(
    ("name", "scale", "wanted"),
    [
        ("edsr", 4, (1, 1)),
        ("sparnet", 4, (16, 8)),  # HR faces of 64, 96, 128, ... px
        ("sparnet", 8, (8, 4)),
        ("mrrnet", 4, (8, 2)),  # multiples of 8 px from 32 on
        ("wfen", 8, (4, 4)),
        ("wnet", 8, (2, 2)),  # halved once, as narrow as it is here
    ],
)
def test_sides_are_those_that_settings_let_pass(name, scale, wanted):
    assert narrow(name, scale).config.lr_sides(scale) == wanted


def test_settings_that_let_no_side_pass_say_why():
    with pytest.raises(ValueError, match="DIC enlarges 4 or 8 times, not 2 times"):
        narrow("dic", 4).config.lr_sides(2)


def test_a_file_that_differs_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "_compared", lambda clamped, run: Difference(1e-3, 1e-3))
    with pytest.raises(ValueError, match=r"not written, it differs from the network by 1\.0e-03"):
        export(narrow("edsr", 4), tmp_path / "out.pt2")
    assert not list(tmp_path.iterdir())


def test_a_difference_is_small_or_not():
    assert Difference(1e-5, 0.004).small  # a level of 255 where the enlarged face is rounded
    assert not Difference(1e-3, 1e-3).small
    assert not Difference(0.0, 0.1).small
    assert not Difference(float("nan"), 0.0).small


def test_a_network_that_torch_cannot_export_is_refused_by_name(tmp_path, monkeypatch):
    network = narrow("edsr", 4)
    monkeypatch.setattr(
        network,
        "forward",
        lambda lr: {"sr": lr * lr.max().item()} if lr.max() > 0.5 else {"sr": lr},
    )
    with pytest.raises(ValueError, match=r"EDSR cannot be written as \.pt2: \w+"):
        export(network, tmp_path / "out.pt2")
    assert not list(tmp_path.iterdir())


def test_what_is_missing_for_onnx_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "find_spec", lambda name: None if name == "onnxscript" else True)
    with pytest.raises(ValueError, match=r"^onnxscript: not installed.*wnet-fsr\[export\]"):
        export(narrow("edsr", 4), tmp_path / "out.onnx")


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match=r"out\.pb: the suffix chooses the format, \.onnx or \.pt2"
    ):
        export(narrow("edsr", 4), tmp_path / "out.pb")
