"""Checkpoints: if one is damaged, the one before is used, and the training ends identically."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from pipeline import train
from wnet.training.loop import Training
from wnet.training.saved_state import DamagedCheckpoint, SavedState

STATE = {"network": {"a": torch.arange(6.0)}, "progress": {"epoch": 3, "names": ["x"]}}
DAMAGES = {
    "truncated": lambda content: content[: len(content) // 2],
    "emptied": lambda content: b"",
    "foreign": lambda content: b"<html>not found</html>",
    "flipped": lambda content: flipped(content, content.index(torch.arange(6.0).numpy().tobytes())),
}


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_the_state_before_a_damaged_one_is_used_and_reported(tmp_path, damage):
    saved = SavedState(tmp_path / "checkpoint.pt")
    assert saved.load() is None
    saved.save(STATE | {"progress": {"epoch": 2, "names": []}})
    saved.save(STATE)
    assert saved.load()["progress"]["epoch"] == 3
    assert saved.warning is None
    saved.path.write_bytes(damage(saved.path.read_bytes()))
    assert saved.load()["progress"]["epoch"] == 2
    assert f"{saved.path} is damaged" in saved.warning
    assert "resuming from the checkpoint before it" in saved.warning
    saved.before.write_bytes(damage(saved.before.read_bytes()))
    with pytest.raises(DamagedCheckpoint, match=f"delete {tmp_path} to train from the beginning"):
        saved.load()


def test_every_flipped_byte_is_found_or_has_no_effect(tmp_path, random):
    saved = SavedState(tmp_path / "checkpoint.pt")
    saved.save(STATE)
    whole = saved.path.read_bytes()
    for place in random.integers(0, len(whole), 300).tolist():
        saved.path.write_bytes(flipped(whole, place))
        try:
            state = saved.load()
        except DamagedCheckpoint:
            continue
        assert torch.equal(state["network"]["a"], STATE["network"]["a"]), place
        assert state["progress"] == STATE["progress"], place


def test_a_kill_between_the_renames_loses_no_state(tmp_path):
    saved = SavedState(tmp_path / "checkpoint.pt")
    saved.save(STATE)
    saved.path.rename(saved.before)
    assert saved.load()["progress"] == STATE["progress"]
    assert saved.warning is None


def run(out):
    arguments = ["sample-x4", "crop", "parse", "pyramid", "split.json", out, f"{out}.json"]
    return CliRunner().invoke(train.main, arguments)


def test_a_training_whose_checkpoint_is_damaged_ends_in_the_same_bytes(prepared, monkeypatch):
    assert run("undisturbed").exit_code == 0
    step, steps = Training.step, []

    def killed(training, batch):
        if len(steps) == 2:  # of 3, an epoch each
            raise KeyboardInterrupt
        steps.append(1)
        return step(training, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "step", killed)
        assert run("other").exit_code == 130
    (checkpoint,) = Path(".scratch").glob("train-*/checkpoint.pt")
    content = checkpoint.read_bytes()
    saved = torch.load(checkpoint)["network"]["tail.weight"]
    checkpoint.write_bytes(flipped(content, content.index(bytes(saved.untyped_storage()))))
    result = run("other")
    assert result.exit_code == 0, result.output
    assert "checkpoint.pt is damaged" in result.output
    for path in Path("undisturbed").rglob("*"):
        if path.is_file():
            other = Path("other") / path.relative_to("undisturbed")
            assert other.read_bytes() == path.read_bytes(), other
