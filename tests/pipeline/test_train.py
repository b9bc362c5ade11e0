"""Training: learns, keeps the best weights, and resumes after a kill with the same result."""

import json
import math

import numpy as np
import pytest
import torch
from batches import noise
from click.testing import CliRunner
from PIL import Image
from safetensors.numpy import load_file

from pipeline import train as stage
from wnet.data.faces_in_shards import FacesInShards
from wnet.data.faces_on_device import FacesOnDevice
from wnet.data.shards import DamagedShard, Shards
from wnet.networks.by_name import build, config_of
from wnet.training.loop import Training, TrainingDiverged
from wnet.training.objective import Objective
from wnet.training.pixels import Pixels
from wnet.training.processes import Processes
from wnet.training.settings import Loss, Schedule
from wnet.training.steps import rate_at

COLUMNS = (
    ("pyramid", "lr_x4"), ("crop", "hr"), ("pyramid", "skin_x4"), ("parse", "classes"),
    ("crop", "points"),
)  # fmt: skip


def plan(**changes) -> Schedule:
    base = {"seed": 1, "epochs": 10, "batch": 4, "learning_rate": 0.01, "beta1": 0.9}
    more = {"beta2": 0.99, "epsilon": 1e-8, "schedule": "cosine", "flip": True, "validate_every": 1}
    more |= {"precision": "fp32", "clip_norm": 0.0, "ema": 0.0, "optimizer": "adam"}
    more |= {"rate_steps": ()}
    return Schedule(**{**base, **more, **changes})


@pytest.fixture
def faces():
    return noise(10, 4, 64)


def test_batches_hold_the_faces_in_the_networks_form(faces):
    lr, _, skin, classes, points = faces
    (first, *_, last) = FacesOnDevice(*faces, "cpu").batches(4)
    np.testing.assert_allclose(first.lr.numpy(), lr[:4].transpose(0, 3, 1, 2) / 255, atol=1e-7)
    np.testing.assert_allclose(first.skin_lr.numpy()[:, 0], skin[:4] / 255, atol=1e-7)
    np.testing.assert_array_equal(first.classes, classes[:4])
    np.testing.assert_array_equal(first.points, points[:4])
    assert len(last.hr) == 2


def test_an_epoch_shows_every_face_once_and_mirrors_all_of_its_columns(faces):
    held = FacesOnDevice(*faces, "cpu")
    plain = list(held.shuffled(3, 0, 5, False, 0))
    mirrored = list(held.shuffled(3, 0, 5, True, 0))
    seen = np.sort(torch.cat([batch.hr for batch in plain]).sum((1, 2, 3)).numpy())
    np.testing.assert_allclose(seen, np.sort(faces[1].sum((1, 2, 3)) / 255), rtol=1e-5)
    turned = 0
    for straight, other in zip(plain, mirrored, strict=True):
        for row in range(5):
            flipped = not torch.equal(straight.hr[row], other.hr[row])
            turned += flipped
            for name in ("lr", "hr", "skin_lr", "classes", "points"):
                expected = getattr(straight, name)[row]
                if flipped:
                    expected = mirrored_column(name, expected.numpy())
                np.testing.assert_array_equal(getattr(other, name)[row], expected)
    assert 0 < turned < 10


def mirrored_column(name: str, column: np.ndarray) -> np.ndarray:
    """A column of one mirrored face, with left and right exchanged."""
    if name == "points":
        order = [*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1)]
        order += [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, *range(54, 47, -1)]
        order += [59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]
        return (column * (-1, 1) + (63, 0)).astype(np.float32)[order]
    column = column[..., ::-1].copy()
    if name == "classes":
        for left, right in ((2, 3), (4, 5), (7, 8)):
            column[...] = np.where(column == left, right, np.where(column == right, left, column))
    return column


def test_random_numbers_are_new_in_each_epoch_and_belong_to_their_face(faces):
    held = FacesOnDevice(*faces, "cpu")

    def drawn(epoch, skip=0):
        return torch.cat([batch.drawn for batch in held.shuffled(3, epoch, 2, False, skip)])

    assert drawn(0).shape == (10, 2)
    assert 0 <= drawn(0).min() < 0.2
    assert 0.8 < drawn(0).max() < 1
    assert torch.equal(drawn(0)[6:], drawn(0, skip=3))
    assert not torch.equal(drawn(0), drawn(1))


def test_the_order_depends_on_seed_and_epoch_alone_and_can_be_entered_anywhere(faces):
    held = FacesOnDevice(*faces, "cpu")

    def order(seed, epoch, skip=0):
        return torch.cat([batch.hr for batch in held.shuffled(seed, epoch, 2, True, skip)])

    assert torch.equal(order(1, 2), order(1, 2))
    assert torch.equal(order(1, 2, skip=3), order(1, 2)[6:])
    assert not torch.equal(order(1, 2), order(1, 3))
    assert not torch.equal(order(1, 2), order(2, 2))


def test_learning_rates():
    assert rate_at(plan(schedule="constant"), 99, 100) == 0.01
    cosine = plan(schedule="cosine")
    assert rate_at(cosine, 0, 100) == 0.01
    assert rate_at(cosine, 50, 100) == pytest.approx(0.005)
    assert rate_at(cosine, 100, 100) == pytest.approx(0, abs=1e-12)
    steps = plan(schedule="constant", rate_steps=((0.8, 2.0), (0.5, 0.5)))
    found = [rate_at(steps, step, 10) for step in (0, 4, 5, 7, 8, 9)]
    assert found == pytest.approx([0.01, 0.01, 0.005, 0.005, 0.02, 0.02])
    both = plan(schedule="cosine", rate_steps=((0.5, 0.5),))
    assert rate_at(both, 50, 100) == pytest.approx(0.0025)


class Enlarge(torch.nn.Module):
    """The smallest network of the right form."""

    def __init__(self):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.ones(()))

    def forward(self, lr):
        sr = torch.nn.functional.interpolate(lr * self.gain, scale_factor=4)
        return {"sr": sr, "parsing": lr}


class Doubt(Objective):
    """An objective whose loss is NaN."""

    def terms(self, made, batch):
        return {"pixel": made["sr"].mean() * math.nan}


def learn(faces, tmp_path, network=None, **changes) -> Training:
    """A finished training of the smallest network on ten faces."""
    held = FacesOnDevice(*faces, "cpu")
    loss = Pixels(Loss(pixel_norm="l2"))
    checkpoint = tmp_path / f"{len(list(tmp_path.iterdir()))}.pt"
    training = Training(
        network or Enlarge(), loss, held, held, plan(**changes), checkpoint, Processes()
    )
    training.run(lambda count: None, lambda row, network: None)
    return training


def test_the_moving_average_is_what_is_validated_and_kept(faces, tmp_path):
    gains = []

    class Noted(Enlarge):
        def forward(self, lr):
            if self.training:
                gains.append(self.gain.item())
            return super().forward(lr)

    training = learn(faces, tmp_path, Noted(), ema=0.75, epochs=2)
    gains.append(training.network.gain.item())
    average = gains[1]  # it begins with the weights after the first step
    for gain in gains[2:]:
        average = 0.75 * average + 0.25 * gain
    assert len(gains) == 5
    assert training.steps.average.module.gain.item() == pytest.approx(average, rel=1e-5)
    assert training.validated is training.steps.average.module
    kept = training.progress.best["gain"].item()
    assert kept == pytest.approx(average, rel=1e-5) or training.progress.best_epoch == 1


def test_the_gradient_is_shortened_to_the_given_length(faces, tmp_path, monkeypatch):
    lengths, step = [], torch.optim.Adam.step

    def noted(optimizer, *rest):
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"]]
        lengths.append(torch.cat([gradient.flatten() for gradient in gradients]).norm().item())
        return step(optimizer, *rest)

    monkeypatch.setattr(torch.optim.Adam, "step", noted)
    learn(faces, tmp_path, epochs=1)
    free = lengths.copy()
    lengths.clear()
    learn(faces, tmp_path, epochs=1, clip_norm=free[0] / 10)
    assert min(free) > free[0] / 10
    assert lengths == pytest.approx([free[0] / 10] * len(free), rel=1e-3)


def test_mixed_precision_computes_in_bfloat16_and_learns_the_same_to_its_precision(faces, tmp_path):
    seen = []

    class Convolve(Enlarge):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 3, 1)
            torch.nn.init.dirac_(self.conv.weight)
            torch.nn.init.zeros_(self.conv.bias)

        def forward(self, lr):
            out = self.conv(lr)
            seen.append(out.dtype)
            return super().forward(out)

    rows = []
    for precision in ("fp32", "bf16"):
        seen.clear()
        training = learn(faces, tmp_path, Convolve(), precision=precision, epochs=2)
        trained = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
        assert set(seen) == {trained, torch.float32}  # validation is always in float32
        assert training.network.conv.weight.dtype == torch.float32
        rows.append(training.progress.history[-1])
    assert rows[1]["train/total"] == pytest.approx(rows[0]["train/total"], rel=0.02)
    assert rows[1]["train/total"] != rows[0]["train/total"]


def test_a_nan_loss_stops_at_once(faces, tmp_path):
    held = FacesOnDevice(*faces, "cpu")
    training = Training(
        Enlarge(), Doubt({"pixel": 1.0}), held, held, plan(), tmp_path / "c.pt", Processes()
    )
    with pytest.raises(TrainingDiverged, match="nan in epoch 1, step 1"):
        training.run(lambda count: None, lambda row, network: None)
    assert not (tmp_path / "c.pt").exists()


def test_too_few_faces_are_reported(faces, tmp_path):
    held = FacesOnDevice(*faces, "cpu")
    with pytest.raises(ValueError, match=r"train\.batch = 11: more than the 10 faces"):
        Training(
            Enlarge(),
            Doubt({"pixel": 1.0}),
            held,
            held,
            plan(batch=11),
            tmp_path / "c.pt",
            Processes(),
        )


def run(name):
    arguments = ["sample-x4", "crop", "parse", "pyramid", "split.json", name, f"{name}.json"]
    return CliRunner().invoke(stage.main, arguments)


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_two_trainings_are_equal_to_the_byte(prepared):
    for name in ("one", "two"):
        result = run(name)
        assert result.exit_code == 0, result.output
    assert files(prepared / "one") == files(prepared / "two")
    summary = json.loads((prepared / "one/training.json").read_text())
    headline = json.loads((prepared / "one.json").read_text())
    assert headline == json.loads((prepared / "two.json").read_text())
    assert headline == {
        "network": summary["network"],
        "parameters": summary["parameters"],
        "validation": {"psnr": summary["validation"]["psnr"]},
    }
    assert summary["epochs"] == 3
    assert summary["train_faces"] == 6
    weights = load_file(prepared / "one/network/model.safetensors")
    assert all(np.isfinite(value).all() for value in weights.values())


def test_a_set_too_large_for_the_device_is_streamed_to_the_same_bytes(prepared, monkeypatch):
    assert "6 faces, 0 MB, held on cpu" in run("held").output
    monkeypatch.setenv("WNET_MEMORY", "100000")  # six faces have 6 * (64 * 64 + 16 * 16) * 4 bytes
    output = run("streamed").output
    assert "6 faces, 0 MB, streamed from their shards to cpu" in output
    assert "validation: 2 faces, 0 MB, held on cpu" in output
    assert files(prepared / "held") == files(prepared / "streamed")


def test_streamed_columns_are_verified_before_they_are_used(prepared):
    path = prepared / "parse/00001.h5"
    where = Shards(prepared / "parse").mapped("classes")[1].base.offset
    with path.open("r+b") as file:
        file.seek(where + 100)
        old = file.read(1)
        file.seek(where + 100)
        file.write(bytes([old[0] ^ 1]))
    columns = [(Shards(prepared / folder), key) for folder, key in COLUMNS]
    with pytest.raises(DamagedShard, match=r"00001\.h5: column classes is altered"):
        FacesInShards(["0.png"], columns, "cpu")


def test_pictures_of_the_progress_are_kept(prepared):
    run("one")
    pictures = sorted((prepared / "one/curves/progress").iterdir())
    assert [path.name for path in pictures] == ["2.png"]
    sheet = np.asarray(Image.open(pictures[0]))
    assert sheet.shape == (4 * 64 + 3 * 4, 2 * 64 + 4, 3)  # LR, map, SR, HR of two faces
    hr = Shards(prepared / "crop").take(["6.png", "7.png"], "hr")["hr"]
    np.testing.assert_array_equal(sheet[-64:, :64], hr[0])
    np.testing.assert_array_equal(sheet[-64:, -64:], hr[1])
    lr = Shards(prepared / "pyramid").take(["7.png"], "lr_x4")["lr_x4"][0]
    np.testing.assert_array_equal(sheet[:64:4, -64::4], lr)


def test_what_made_a_network_is_recorded_with_it(prepared):
    run("one")
    saved = json.loads((prepared / "one/network/config.json").read_text())
    assert (saved["network"], saved["scale"], saved["config"]["width"]) == ("wnet", 4, 8)
    record = json.loads((prepared / "one/network/made_by.json").read_text())
    assert record["parameters"]["train"]["learning_rate"] == 0.002
    assert record["parameters"]["train"]["seed"] == 1
    assert set(record["versions"]) == {"numpy", "torch"}
    assert record["faces"]["rule"] == "landmarks"
    entry = json.loads((prepared / ".scratch/journal.jsonl").read_text())
    assert {"host", "begun", "faces_per_s", "revision", "device"} <= entry.keys()


@pytest.mark.parametrize("kind", ["srcnn", "vdsr", "edsr"])
def test_a_baseline_is_trained_by_the_same_stage(prepared, edit_params, kind):
    small = {"vdsr": {"depth": 3, "width": 4}, "edsr": {"blocks": 1, "width": 4}, "srcnn": {}}
    edit_params({f"runs.{kind}.model.{key}": value for key, value in small[kind].items()})
    edit_params({"trainings.sample-x4.run": kind, f"runs.{kind}.train.epochs": 1})
    result = run("one")
    assert result.exit_code == 0, result.output
    summary = json.loads((prepared / "one/training.json").read_text())
    assert summary["network"] == kind
    assert set(summary["validation"]) == {"psnr", "ssim"}
    assert json.loads((prepared / "one/network/config.json").read_text())["network"] == kind


def test_the_curves_hold_every_epoch(prepared):
    run("one")
    rows = (prepared / "one/curves/validation/psnr.tsv").read_text().split("\n")[1:-1]
    assert [row.split("\t")[0] for row in rows] == ["1", "2", "3"]
    best = json.loads((prepared / "one/training.json").read_text())
    scores = [float(row.split("\t")[1]) for row in rows]
    assert scores[best["best_epoch"] - 1] == max(scores)
    assert max(scores) == pytest.approx(best["validation"]["psnr"])


@pytest.mark.parametrize(("killed_at", "options"), [(1, {}), (2, {"ema": 0.9, "clip_norm": 0.1})])
def test_a_killed_training_ends_with_the_same_bytes(
    prepared, edit_params, monkeypatch, killed_at, options
):
    """Killed in the first epoch, and in the second, with a checkpoint after every step."""
    edit_params({f"runs.wnet-small.train.{key}": value for key, value in options.items()})
    run("undisturbed")
    monkeypatch.setattr("wnet.training.loop.SECONDS_BETWEEN_CHECKPOINTS", -1)
    step, steps = Training.step, []

    def killed(training, batch):
        if len(steps) == killed_at:
            raise KeyboardInterrupt
        steps.append(1)
        return step(training, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "step", killed)
        run("killed")
    assert not (prepared / "killed").exists()
    counted = []
    monkeypatch.setattr(Training, "step", lambda t, b: counted.append(1) or step(t, b))
    assert run("killed").exit_code == 0
    assert len(counted) == 3 - killed_at
    assert files(prepared / "killed") == files(prepared / "undisturbed")


def test_missing_validation_faces_are_reported(prepared):
    split = {"train": ["0.png", "1.png", "2.png", "3.png"], "validation": [], "test": []}
    (prepared / "split.json").write_text(json.dumps(split))
    result = run("one")
    assert result.exit_code == 1
    assert "validat" in result.output


def test_a_dominant_term_causes_a_warning(capsys):
    stage.log_shares({"pixel": 0.6, "parsing": 0.1, "key_regions": 0.3})
    said = capsys.readouterr().err
    assert said == "loss: pixel 60.0 %, parsing 10.0 %, key_regions 30.0 %\n"
    stage.log_shares({"pixel": 0.15, "perceptual": 0.75, "adversarial": 0.1})
    _, warning = capsys.readouterr().err.splitlines()
    assert "perceptual is 5.0 times the pixel loss and dominates this training" in warning


def test_a_training_logs_the_shares_of_its_loss_once_and_missing_terms(prepared, edit_params):
    small = {"width": 4, "discriminator_width": 4}
    edit_params({f"runs.wipa.model.{key}": value for key, value in small.items()})
    edit_params({"runs.wipa.loss.perceptual": 0.0, "runs.wipa.loss.others_from": 0.0})
    edit_params({"runs.wipa.loss.discriminator_from": 0.0, "runs.wipa.loss.adversarial_from": 0.0})
    edit_params({"runs.wipa.train.epochs": 2, "runs.wipa.train.batch": 2})
    edit_params({"trainings.sample-x4.run": "wipa"})
    result = run("one")
    assert result.exit_code == 0, result.output
    assert "trained without WIPA's identity term (0.005 of SphereFace-20)" in result.output
    assert result.output.count("loss: pixel ") == 1
    summary = json.loads((prepared / "one/training.json").read_text())
    assert summary["best_epoch"] == 2  # adversarial: the last
    assert "SphereFace-20" in summary["left_out"][0]
    assert summary["loss_weights"] == {"pixel": 1.0, "wavelets": 1.0, "adversarial": 0.001}
    assert (prepared / "one/curves/train/discriminator_hr.tsv").exists()
    assert set(load_file(prepared / "one/network/model.safetensors")) == set(
        build("wipa", config_of("wipa")(**small), 4).state_dict()
    )
