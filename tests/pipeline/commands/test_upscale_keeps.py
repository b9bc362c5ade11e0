"""`wnet upscale` keeps files in the folder of results that it did not write."""

import errno
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from pipeline.commands.cli import main
from pipeline.commands.results import Form, write_results
from wnet.photographs.images import UnreadableImage


@pytest.fixture
def upscale(model, drawn_faces):
    """`wnet upscale` of a.png, into the existing folder `out`."""
    Image.fromarray(drawn_faces[0].image).save("a.png")
    Path("out").mkdir()

    def run(*arguments):
        return CliRunner().invoke(main, ["upscale", "a.png", "-o", *(arguments or ("out",))])

    return run


def test_a_json_file_of_the_user_is_kept(upscale):
    mine = Path("out/a.json")
    mine.write_text('{"mine": 1}')
    refused = upscale("out", "--boxes")
    assert refused.exit_code == 1
    assert "out/a.json: already exists" in refused.output
    assert mine.read_text() == '{"mine": 1}'
    assert not Path("out/a.png").exists()
    assert upscale("out").exit_code == 0  # without --boxes there is no conflict
    assert upscale("out", "--boxes", "--overwrite").exit_code == 0
    assert "wnet upscale" in mine.read_text()
    assert upscale("out", "--overwrite").exit_code == 0
    assert not mine.exists()  # of the earlier run


def test_overwriting_removes_only_what_an_earlier_run_has_written(upscale):
    mine = Path("out/a.face1.png")
    Image.new("RGB", (8, 8)).save(mine)
    before = mine.read_bytes()
    assert upscale("out", "--overwrite").exit_code == 0
    assert Path("out/a.png").exists()
    assert mine.read_bytes() == before


@pytest.mark.parametrize("options", [(), ("--overwrite",)])
def test_a_folder_in_the_place_of_a_result_is_named_before_any_work(upscale, options):
    Path("out/a.png").mkdir()
    refused = upscale("out", *options)
    assert refused.exit_code == 1
    assert "out/a.png is a folder" in refused.output
    assert [path.name for path in Path("out").iterdir()] == ["a.png"]


def test_a_file_in_the_place_of_the_folder_is_named_before_any_work(upscale):
    Path("taken").write_text("mine")
    refused = upscale("taken/below/out")
    assert refused.exit_code == 1
    assert "taken is a file" in refused.output
    assert "upscale: " not in refused.output


def test_a_picture_given_twice_by_other_paths_is_enlarged_once(upscale):
    again = CliRunner().invoke(
        main, ["upscale", "a.png", "out/../a.png", str(Path.cwd() / "a.png"), "-o", "out"]
    )
    assert again.exit_code == 0
    assert "of 1 picture" in again.output


def test_files_that_appear_meanwhile_or_differ_in_case_are_kept(tmp_path):
    """On a file system that ignores case, `a.JPG` exists if `a.jpg` is looked up."""
    mine = tmp_path / "a.jpg"
    mine.write_bytes(b"mine")
    made = [np.zeros((8, 8, 3), np.uint8)]
    with pytest.raises(UnreadableImage, match=r"a\.jpg already exists"):
        write_results(tmp_path / "a", Form("", "jpg", 95), made, None, [])
    assert mine.read_bytes() == b"mine"
    write_results(tmp_path / "a", Form("", "jpg", 95), made, None, [mine])
    assert mine.read_bytes() != b"mine"


def test_a_link_to_nothing_in_the_place_of_the_folder_is_named_before_any_work(upscale, tmp_path):
    (tmp_path / "linked").symlink_to(tmp_path / "gone")
    refused = upscale(str(tmp_path / "linked"))
    assert refused.exit_code == 1
    assert "linked is a link to nothing" in refused.output
    assert "face/s" not in refused.output


def test_a_folder_that_cannot_be_made_is_named_before_any_work(upscale, monkeypatch):
    def refuse(path, *_, **__):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    refused = upscale("new")
    assert refused.exit_code == 1
    assert "Error: new: the file system is read-only: mount it writable" in refused.output


def test_every_picture_without_a_result_is_counted(upscale):
    for suffix in ("jpg", "webp"):
        Image.open("a.png").save(f"a.{suffix}")
    refused = CliRunner().invoke(main, ["upscale", "a.png", "a.jpg", "a.webp", "-o", "out"])
    assert refused.exit_code == 1
    assert "0 faces of 0 pictures, 3 without a result" in refused.output
