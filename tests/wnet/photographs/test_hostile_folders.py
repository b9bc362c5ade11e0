"""Folders that hide files, lead elsewhere or change."""

import os

import pytest
from click.testing import CliRunner
from PIL import Image

from pipeline import crop
from wnet.photographs.folder import find_photographs

MOST = 1000


SMALL_PICTURES = {"rule": "as_is", "min_side": 1, "faces_per_shard": 1}


def test_what_a_folder_hides_is_refused_by_name(tmp_path):
    def refused(name: str, why: str) -> None:
        with pytest.raises(ValueError, match=why) as caught:
            find_photographs(tmp_path)
        assert name in str(caught.value)
        (tmp_path / name).unlink()

    (tmp_path / "a.png").write_bytes(b"a")
    (tmp_path / "circle").symlink_to(tmp_path)
    refused("circle", "a linked folder, which is not followed")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    refused("gone.png", "a broken link")
    (tmp_path / "itself.png").symlink_to(tmp_path / "itself.png")
    refused("itself.png", "a broken link")
    os.mkfifo(tmp_path / "pipe.png")
    refused("pipe.png", "neither a file nor a folder")
    bad = os.fsdecode(b"\xff.png")
    (tmp_path / bad).write_bytes(b"")
    with pytest.raises(ValueError, match=r"'\\udcff\.png' is not UTF-8; rename it"):
        find_photographs(tmp_path)
    (tmp_path / bad).unlink()
    (tmp_path / "linked.png").symlink_to(tmp_path / "a.png")  # as DVC's cache may put them there
    assert find_photographs(tmp_path).read("linked.png", MOST) == b"a"


def test_a_folder_that_may_not_be_listed_is_refused(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    listed = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(ValueError, match="closed: Permission denied; its contents are unknown"):
        find_photographs(tmp_path)


@pytest.mark.parametrize("kind", [FileNotFoundError, PermissionError, OSError])
def test_a_photograph_that_the_disk_refuses_stops_the_stage_and_loses_nothing(
    project, edit_params, monkeypatch, kind
):
    """It is not listed as rejected: DVC would keep a temporary fault forever."""
    edit_params({f"recipes.sample.crop.{key}": value for key, value in SMALL_PICTURES.items()})
    folder = project / "data/raw/sample"
    folder.mkdir(parents=True)
    for number in range(3):
        Image.new("RGB", (40, 40), (number, 0, 0)).save(folder / f"{number}.png")
    arguments = ["sample", "data/raw/sample", "out", "counts.json", "m.json"]
    with monkeypatch.context() as patch:
        real = crop.find_photographs

        def vanish(raw):
            found = real(raw)
            (raw / "1.png").rename(raw / "away")
            return found

        def refuse(*_):
            raise kind(5, "Input/output error")

        patch.setattr(crop, "find_photographs", vanish)
        if kind is not FileNotFoundError:
            patch.setattr("wnet.photographs.folder.os.fstat", refuse)
        result = CliRunner().invoke(crop.main, arguments)
    assert result.exit_code == 1
    assert "data/raw/sample/" in result.output
    assert "Restore or remove it; the same command resumes" in result.output
    assert not (project / "out").exists()
    (folder / "away").rename(folder / "1.png")
    assert CliRunner().invoke(crop.main, arguments).exit_code == 0
    assert (project / "out/00002.h5").exists()


def test_a_photograph_named_like_another_face_is_refused(tmp_path):
    for name in ("a.png", "a.png#2"):
        Image.new("RGB", (8, 8)).save(tmp_path / name, "PNG")
    with pytest.raises(ValueError, match=r"'a\.png#2' is named like another face"):
        find_photographs(tmp_path)
