"""Photographs of a folder or a zip, and the files beside them."""

import os
import zipfile

import pytest
from odd_images import encoded
from PIL import Image, PngImagePlugin

from wnet.photographs.folder import find_photographs
from wnet.photographs.images import UnreadableImage

FILES = [
    "b/2.JPG",
    "a.png",
    "b/c/1.jpg",
    "notes.txt",
    ".hidden.jpg",
    "__MACOSX/a.png",
    "x.jpg/y.gif",
    "@eaDir/a.png/SYNOPHOTO_THUMB_M.jpg",
    "b/@EADIR/2.jpg",
    ".thumbs/a.jpg",
    "b/._2.JPG",
    "#recycle/old.jpeg",
    "$RECYCLE.BIN/old.jpg",
    "film.THM",
    "@__thumb/default/a.jpg",
    "Catalog Previews.lrdata/a.jpg",
]
NAMES = ("a.png", "b/2.JPG", "b/c/1.jpg", "x.jpg/y.gif")


def fill(folder, files=FILES):
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(file.encode())


def test_a_folder_is_listed_in_any_depth_and_sorted(tmp_path):
    fill(tmp_path)
    found = find_photographs(tmp_path)
    assert found.names == NAMES
    assert (found.others, found.passed_over) == (("notes.txt",), 10)
    assert found.read_other("notes.txt") == b"notes.txt"
    assert found.read("b/c/1.jpg", 99) == b"b/c/1.jpg"


def test_a_zip_gives_the_same_names_and_bytes_in_place(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for file in FILES:
            archive.writestr(file, file)
    found = find_photographs(tmp_path)
    assert found.names == NAMES
    assert (found.others, found.passed_over) == (("notes.txt",), 10)
    assert found.read("x.jpg/y.gif", 99) == b"x.jpg/y.gif"
    assert [path.name for path in tmp_path.iterdir()] == ["all.zip"]


def test_a_photograph_is_one_by_its_suffix_or_by_its_content(tmp_path):
    jpeg, png = encoded(Image.new("RGB", (10, 8)), "JPEG"), encoded(Image.new("RGB", (8, 8)), "PNG")
    files = {
        "1.heic": b"",
        "2.MPO": b"",
        "3.jpe": b"",
        "4.cr2": b"",
        "no suffix": jpeg,
        "a.jpg~": png,
        "b.jpg?w=600": jpeg,
        "notes.txt": b"text",
        "film.mp4": b"\0\0\0\x18ftypisom\0\0\2\0isommp41",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    os.mkfifo(tmp_path / "pipe")  # which nobody writes to: it is not to be opened
    found = find_photographs(tmp_path)
    assert set(found.names) == set(files) - {"notes.txt", "film.mp4"}
    assert found.others == ("film.mp4", "notes.txt", "pipe")
    assert found.passed_over == 0
    with pytest.raises(ValueError, match="pipe: named like a photograph"):
        found.read_other("pipe")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    for name in files:
        (tmp_path / name).unlink()
    assert find_photographs(tmp_path).names == found.names


def test_results_of_upscale_are_not_photographs(tmp_path):
    note = PngImagePlugin.PngInfo()
    note.add_text("Software", "wnet upscale")
    for name, options in (("a.png", {}), ("a.face2.png", {"pnginfo": note})):
        (tmp_path / name).write_bytes(encoded(Image.new("RGB", (8, 8)), "PNG", **options))
    found = find_photographs(tmp_path)
    assert found.names == ("a.png",)
    assert (found.others, found.passed_over) == ((), 1)


def test_masks_and_edited_versions_are_no_photographs(tmp_path):
    photographs = {
        *("a/IMG_1234.HEIC", "a/IMG_E9.jpg", "b/IMG_E1234.JPG", "b/party-edited.jpg", "1.jpg"),
        *("Photos.photoslibrary/originals/0/1F.jpeg", "nose.png", "0_nose.jpg", "my_hair.png"),
        "CelebA-HQ-img/0.jpg",
    }
    others = {
        *("a/IMG_E1234.JPG", "1-edited.png", "2330_1_lbl05.png", "any/00000_skin.png"),
        *("CelebAMask-HQ-mask-anno/0/00000_l_eye.png", "CelebAMask-HQ-mask/0.png"),
        "Photos.photoslibrary/resources/derivatives/1/1F_1_105_c.jpeg",
    }
    fill(tmp_path, photographs | others)
    found = find_photographs(tmp_path)
    assert set(found.names) == photographs
    assert (found.others, found.passed_over) == ((), len(others))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for file in photographs | others:
            archive.writestr(file, file)
            (tmp_path / file).unlink()
    packed = find_photographs(tmp_path)
    assert (packed.names, packed.passed_over) == (found.names, found.passed_over)


def test_a_damaged_zip_entry_is_unreadable_and_its_neighbours_are_not(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("a.png", "b.png"):
            archive.writestr(name, f"the bytes of {name}")
    whole = (tmp_path / "all.zip").read_bytes()
    (tmp_path / "all.zip").write_bytes(whole.replace(b"bytes of a", b"BYTES of a"))
    found = find_photographs(tmp_path)
    with pytest.raises(UnreadableImage, match="Bad CRC-32"):
        found.read("a.png", 99)
    assert found.read("b.png", 99) == b"the bytes of b.png"


def test_folders_that_cannot_be_listed_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="put the photographs there"):
        find_photographs(tmp_path / "absent")
    with pytest.raises(ValueError, match="no photograph"):
        find_photographs(tmp_path)
    for name in ("a.zip", "b.zip"):
        zipfile.ZipFile(tmp_path / name, "w").close()
    with pytest.raises(ValueError, match="2 zip files"):
        find_photographs(tmp_path)


def test_a_zip_of_windows_has_slashes_and_the_files_beside_it_are_others(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("img\\1.jpg", "img\\list.txt"):
            entry = zipfile.ZipInfo("x")
            entry.filename = entry.orig_filename = name
            archive.writestr(entry, name)
    (tmp_path / "people.txt").write_text("beside")
    found = find_photographs(tmp_path)
    assert found.names == ("img/1.jpg",)
    assert found.read("img/1.jpg", 99) == b"img\\1.jpg"
    assert found.others == ("img/list.txt", "people.txt")
    assert found.read_other("img/list.txt") == b"img\\list.txt"
    assert found.read_other("people.txt") == b"beside"
    assert found.where("img/list.txt").endswith("all.zip/img/list.txt")


@pytest.mark.parametrize("name", ["img_celeba.7z.001", "faces.tar.gz", "faces.RAR", "faces.z01"])
def test_an_archive_that_is_not_read_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"packed")
    with pytest.raises(ValueError, match=f"has no photograph; unpack {name}"):
        find_photographs(tmp_path)


@pytest.mark.parametrize("name", ["Zoë/e\u0301.jpg", "é.jpg", "人.jpg"])
@pytest.mark.parametrize("flagged", [True, False])
def test_names_in_a_zip_of_finder_are_utf8_without_its_flag(tmp_path, name, flagged):
    written = "a" * len(name.encode())
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr(name if flagged else written, b"pixels")
    data = (tmp_path / "all.zip").read_bytes().replace(written.encode(), name.encode())
    (tmp_path / "all.zip").write_bytes(data)
    found = find_photographs(tmp_path)
    assert found.names == (name,)
    assert found.read(name, 100) == b"pixels"


@pytest.mark.parametrize("name", ["..\\1.jpg", "\\1.jpg"])
def test_a_zip_of_windows_cannot_lead_outside_either(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        entry = zipfile.ZipInfo("x")
        entry.filename = entry.orig_filename = name
        archive.writestr(entry, name)
    with pytest.raises(ValueError, match="is a path outside it"):
        find_photographs(tmp_path)
