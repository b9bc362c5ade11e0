"""The journal of runs: entries of earlier runs predict the time of the next similar one."""

import json
from pathlib import Path

import pytest

from pipeline.harness import journal
from pipeline.harness.journal import Journal


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """Makes a journal of a training whose clock is `seconds` after its beginning."""
    monkeypatch.chdir(tmp_path)
    Path(".scratch").mkdir()

    def make(seconds: float, item: str = "x4", device: str = "cpu") -> Journal:
        moments = iter([100.0, 100.0 + seconds])
        monkeypatch.setattr(journal.time, "monotonic", lambda: next(moments))
        return Journal("train", item, device=device)

    return make


def test_the_rate_is_that_of_the_last_similar_run(begun):
    assert begun(1).rate_before() is None
    begun(10).note(200)
    begun(4).note(200)
    begun(1, item="x8").note(200)
    begun(1, device="cuda").note(200)
    begun(5).note(0)  # one that had nothing left to do
    with Path(".scratch/journal.jsonl").open("a") as file:
        file.write('{"stage": "train", "it')
    assert begun(1).rate_before() == 50
    assert begun(1, item="x2").rate_before() is None
    first = Path(".scratch/journal.jsonl").read_text().splitlines()[0]
    assert json.loads(first)["faces_per_s"] == 20
