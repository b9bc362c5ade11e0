"""`wnet export`: a file or folder with the same outputs as the network."""

import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from narrow_networks import narrow

from pipeline.commands.cli import main
from wnet.files.weights import sha256_of
from wnet.networks.saved import load

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def network(project):
    """In models/, as the stage `train` leaves it."""
    made = narrow("edsr", 4)
    made.save_pretrained(Path("models/sample-x4/network"))
    return made


def put_card(evaluation: str, digest: str) -> str:
    """A page's card, which contains the digest of the weights."""
    text = f"---\nlibrary_name: pytorch\n---\n\n# {evaluation}\n\nSHA-256 `{digest}`.\n"
    path = Path("reports", evaluation, "model_card.md")
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return text


def run(*words):
    return CliRunner().invoke(main, ["export", *words])


def test_a_file_gives_what_the_network_gives_clamped(network):
    result = run("sample-x4", "out.pt2")
    assert result.exit_code == 0, result.output
    assert "out.pt2: differs from the network by" in result.output
    lr = torch.rand(3, 3, 17, 24)
    with torch.no_grad():
        wanted = network(lr)["sr"]
    assert wanted.min() < 0
    torch.testing.assert_close(
        torch.export.load("out.pt2").module()(lr)["sr"], wanted.clamp(0, 1), rtol=0, atol=1e-5
    )


def test_another_suffix_is_refused_by_name(network):
    result = run("sample-x4", "out.pb")
    assert result.exit_code == 1
    assert "out.pb: the suffix chooses the format" in result.output
    assert not Path("out.pb").exists()


def test_a_folder_has_what_hugging_face_reads_and_what_loads_it(network, monkeypatch):
    card = put_card("sample-x4", sha256_of(Path("models/sample-x4/network/model.safetensors")))
    put_card("other", "0" * 64)
    result = run("sample-x4", "hub")
    assert result.exit_code == 0, result.output
    assert "its model card with the scores" in result.output
    files = {path.name for path in Path("hub").iterdir()}
    assert files == {"config.json", "model.safetensors", "README.md", "modeling.py"}
    assert Path("hub/README.md").read_text(encoding="utf-8") == card
    lr = torch.rand(1, 3, 16, 16)
    monkeypatch.syspath_prepend("hub")
    monkeypatch.delitem(sys.modules, "modeling", raising=False)
    own = import_module("modeling").EDSR.from_pretrained("hub")
    monkeypatch.delitem(sys.modules, "modeling")
    with torch.no_grad():
        for loaded in (own, load(Path("hub"), "cpu")):
            assert torch.equal(loaded(lr)["sr"], network(lr)["sr"])


def test_a_network_without_an_evaluation_says_so(network):
    put_card("sample-x4", "0" * 64)  # of weights that are no longer there
    result = run("models/sample-x4/network", "hub")
    assert "without scores: no evaluation of it is in reports/" in result.output
    assert Path("hub/README.md").read_text(encoding="utf-8").startswith("---\nlibrary_name:")


def test_of_several_evaluations_one_is_chosen(network):
    digest = sha256_of(Path("models/sample-x4/network/model.safetensors"))
    for name in ("first", "second"):
        put_card(name, digest)
    result = run("sample-x4", "hub")
    assert result.exit_code == 1
    assert "evaluated as first, second; choose by --evaluation" in result.output
    assert run("sample-x4", "hub", "--evaluation", "second").exit_code == 0
    assert "# second" in Path("hub/README.md").read_text(encoding="utf-8")
    result = run("sample-x4", "hub2", "--evaluation", "third")
    assert "third: no page of these weights in reports/; there are: first, second" in result.output
    assert not Path("hub2").exists()


def test_existing_files_are_replaced_only_on_request(network):
    Path("mine.pt2").write_text("somebody's own")
    Path("hub").mkdir()
    Path("hub/notes.txt").write_text("somebody's own")
    for out in ("mine.pt2", "hub"):
        result = run("sample-x4", out)
        assert result.exit_code == 1
        assert f"{out}: already exists; choose another name, or give --ov" in result.output
    assert Path("mine.pt2").read_text() == "somebody's own"
    assert [path.name for path in Path("hub").iterdir()] == ["notes.txt"]
    for words in (["mine.pt2", "--overwrite"], ["no/such/folder/out.pt2"]):
        assert run("sample-x4", *words).exit_code == 0
        torch.export.load(words[0])
    assert run("sample-x4", "hub", "--overwrite").exit_code == 0
    assert Path("hub/notes.txt").read_text() == "somebody's own"
    assert load(Path("hub"), "cpu")
    assert not list(Path().rglob(".*.part*"))


def test_a_folder_that_cannot_be_made_is_named(network):
    result = run("sample-x4", "models/sample-x4/network/config.json/out.pt2")
    assert result.exit_code == 1
    assert (
        "models/sample-x4/network/config.json is a file, where a folder is expected"
        in result.output
    )


def test_a_folder_in_the_place_of_a_file_is_reported_and_nothing_is_left(network):
    Path("there.pt2").mkdir()
    result = run("sample-x4", "there.pt2", "--overwrite")
    assert result.exit_code == 1
    assert "there.pt2: a folder has this name" in result.output
    assert not list(Path().glob(".*.part*"))
