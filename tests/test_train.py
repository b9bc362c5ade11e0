"""Training: learns, keeps the best, and goes on after a kill as if nothing had been."""

import json
import math

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.numpy import load_file

from pipeline import train as stage
from wnet.data.faces_on_device import FacesOnDevice
from wnet.data.resize import bicubic
from wnet.data.shards import write_shard
from wnet.processes import Processes
from wnet.training import Schedule, Training, TrainingDiverged

TINY = {
    "runs.wnet-small.model.width": 8,
    "runs.wnet-small.train.epochs": 3,
    "runs.wnet-small.train.batch": 4,
}


def plan(**changes) -> Schedule:
    base = {"seed": 1, "epochs": 10, "batch": 4, "learning_rate": 0.01, "beta1": 0.9}
    more = {"beta2": 0.99, "epsilon": 1e-8, "schedule": "cosine", "flip": True, "validate_every": 1}
    more |= {"precision": "fp32", "clip_norm": 0.0, "ema": 0.0}
    return Schedule(**{**base, **more, **changes})


@pytest.fixture
def faces(random):
    lr = random.integers(0, 256, (10, 16, 16, 3), dtype=np.uint8)
    hr = random.integers(0, 256, (10, 64, 64, 3), dtype=np.uint8)
    skin = random.integers(0, 256, (10, 16, 16), dtype=np.uint8)
    classes = random.integers(0, 19, (10, 64, 64), dtype=np.uint8)
    return lr, hr, skin, classes


def test_batches_hold_the_faces_in_the_networks_form(faces):
    lr, _, skin, classes = faces
    (first, *_, last) = FacesOnDevice(*faces, "cpu").batches(4)
    np.testing.assert_allclose(first.lr.numpy(), lr[:4].transpose(0, 3, 1, 2) / 255, atol=1e-7)
    np.testing.assert_allclose(first.skin_lr.numpy()[:, 0], skin[:4] / 255, atol=1e-7)
    np.testing.assert_array_equal(first.classes, classes[:4])
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
            for column in range(4):
                expected = straight[column][row]
                expected = expected.flip(-1) if flipped else expected
                assert torch.equal(other[column][row], expected)
    assert 0 < turned < 10


def test_the_order_depends_on_seed_and_epoch_alone_and_can_be_entered_anywhere(faces):
    held = FacesOnDevice(*faces, "cpu")

    def order(seed, epoch, skip=0):
        return torch.cat([batch.hr for batch in held.shuffled(seed, epoch, 2, True, skip)])

    assert torch.equal(order(1, 2), order(1, 2))
    assert torch.equal(order(1, 2, skip=3), order(1, 2)[6:])
    assert not torch.equal(order(1, 2), order(1, 3))
    assert not torch.equal(order(1, 2), order(2, 2))


def test_learning_rates():
    assert plan(schedule="constant").rate_at(99, 100) == 0.01
    cosine = plan(schedule="cosine")
    assert cosine.rate_at(0, 100) == 0.01
    assert cosine.rate_at(50, 100) == pytest.approx(0.005)
    assert cosine.rate_at(100, 100) == pytest.approx(0, abs=1e-12)


class Enlarge(torch.nn.Module):
    """The smallest network of the right form."""

    def __init__(self):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.ones(()))

    def forward(self, lr):
        return torch.nn.functional.interpolate(lr * self.gain, scale_factor=4), lr


class Doubt(torch.nn.Module):
    """A loss that is no number."""

    def forward(self, sr, parsing, hr, skin_lr, classes):
        return {"total": sr.mean() * math.nan}


def test_a_loss_that_is_no_number_stops_at_once(faces, tmp_path):
    held = FacesOnDevice(*faces, "cpu")
    training = Training(Enlarge(), Doubt(), held, held, plan(), tmp_path / "c.pt", Processes())
    with pytest.raises(TrainingDiverged, match="nan in epoch 1, step 1"):
        training.run(lambda count: None, lambda row, network: None)


def test_too_few_faces_are_said(faces, tmp_path):
    held = FacesOnDevice(*faces, "cpu")
    with pytest.raises(ValueError, match="batches of 11 faces need more than 10 faces"):
        Training(Enlarge(), Doubt(), held, held, plan(batch=11), tmp_path / "c.pt", Processes())


@pytest.fixture
def prepared(project, drawn_faces, edit_params):
    """Shards as the data stages leave them, of six drawn faces to train and two to validate."""
    edit_params(TINY)
    names = np.array([f"{number}.png" for number in range(8)])
    large = np.stack([face.image for face in drawn_faces])
    hr = bicubic(large[:, 32:224, 32:224], 64, 64)
    classes = np.stack([face.classes[32:224:3, 32:224:3] for face in drawn_faces])
    skin = (classes == 1).astype(np.uint8)
    small = bicubic(skin[..., None] * 255, 16, 16)[..., 0]
    for folder, columns in (
        ("crop", {"hr": hr}),
        ("parse", {"classes": classes, "skin": skin}),
        ("pyramid", {"lr_x4": bicubic(hr, 16, 16), "skin_x4": small}),
    ):
        (project / folder).mkdir()
        write_shard(project / folder / "00000.h5", {"name": names, **columns}, {})
    split = {"train": names[:6].tolist(), "validation": names[6:].tolist(), "test": []}
    (project / "split.json").write_text(json.dumps(split))
    return project


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
    summary = json.loads((prepared / "one.json").read_text())
    assert summary == json.loads((prepared / "two.json").read_text())
    assert summary["epochs"] == 3
    assert summary["train_faces"] == 6
    weights = load_file(prepared / "one/network/model.safetensors")
    assert all(np.isfinite(value).all() for value in weights.values())


def test_the_curves_hold_every_epoch(prepared):
    run("one")
    rows = (prepared / "one/curves/validation/psnr.tsv").read_text().split("\n")[1:-1]
    assert [row.split("\t")[0] for row in rows] == ["1", "2", "3"]
    best = json.loads((prepared / "one.json").read_text())
    scores = [float(row.split("\t")[1]) for row in rows]
    assert scores[best["best_epoch"] - 1] == max(scores)
    assert max(scores) == pytest.approx(best["validation"]["psnr"])


@pytest.mark.parametrize("killed_at", [1, 2])
def test_a_killed_training_ends_with_the_same_bytes(prepared, monkeypatch, killed_at):
    """Killed in the first epoch, and in the second, with a checkpoint after every step."""
    run("undisturbed")
    monkeypatch.setattr("wnet.training.SECONDS_BETWEEN_CHECKPOINTS", -1)
    step, steps = Training._step, []

    def killed(training, batch):
        if len(steps) == killed_at:
            raise KeyboardInterrupt
        steps.append(1)
        return step(training, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "_step", killed)
        run("killed")
    assert not (prepared / "killed").exists()
    counted = []
    monkeypatch.setattr(Training, "_step", lambda t, b: counted.append(1) or step(t, b))
    assert run("killed").exit_code == 0
    assert len(counted) == 3 - killed_at
    assert files(prepared / "killed") == files(prepared / "undisturbed")


def test_no_faces_to_validate_is_said(prepared):
    split = {"train": ["0.png", "1.png", "2.png", "3.png"], "validation": [], "test": []}
    (prepared / "split.json").write_text(json.dumps(split))
    result = run("one")
    assert result.exit_code == 1
    assert "validat" in result.output
