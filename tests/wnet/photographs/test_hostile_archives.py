"""Zip files with false fields or paths outside: refused before the work, or entry by entry."""

import stat
import struct
import tracemalloc
import zipfile

import pytest

from wnet.photographs.folder import find_photographs
from wnet.photographs.images import OversizedImage, UnreadableImage

MOST = 1000
CENTRAL = b"PK\x01\x02"
# The offsets of an entry's fields in the central directory.
FLAGS, METHOD, CRC, PACKED, LENGTH, PLACE = (
    (8, "<H"), (10, "<H"), (16, "<I"), (20, "<I"), (24, "<I"), (42, "<I")
)  # fmt: skip


def archive(folder, content=b"word " * 100, name="a.png", changes=(), method=zipfile.ZIP_DEFLATED):
    """A zip of one entry and a valid neighbour, with a changed field of the entry in the
    directory."""
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr(name, content)
        made.writestr("sound.png", b"sound")
    data = bytearray(path.read_bytes())
    start = data.index(CENTRAL)
    for (place, form), value in changes:
        struct.pack_into(form, data, start + place, value)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([(FLAGS, 1)], "encrypted"),
        ([(METHOD, 12)], "compression method 12"),  # bzip2, which inflates without a limit
        ([(METHOD, 99)], "compression method 99"),
        ([(METHOD, 0)], "Bad CRC-32"),
        ([(CRC, 7)], "Bad CRC-32"),
        ([(LENGTH, 0)], "Bad CRC-32"),
        ([(LENGTH, 5)], "Bad CRC-32"),
        ([(PACKED, 3)], ""),
        ([(PLACE, 40)], ""),
        ([(PLACE, 1 << 30)], ""),
    ],
)
def test_an_entry_with_false_fields_is_unreadable_and_its_neighbour_is_read(
    tmp_path, changes, said
):
    archive(tmp_path, changes=changes)
    found = find_photographs(tmp_path)
    with pytest.raises(UnreadableImage, match=f"in all.zip: .*{said}"):
        found.read("a.png", MOST)
    assert found.read("sound.png", MOST) == b"sound"


@pytest.mark.parametrize("length", [MOST + 1, 0xFFFFFFF0])
def test_an_entry_that_declares_too_much_is_not_read(tmp_path, length):
    archive(tmp_path, changes=[(LENGTH, length)])
    with pytest.raises(OversizedImage, match=f"has {length} bytes, more than 1000"):
        find_photographs(tmp_path).read("a.png", MOST)


def test_an_entry_of_more_than_4_gigabytes_is_not_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as made:
        with made.open("a.png", "w", force_zip64=True) as entry:
            entry.write(b"short")
        made.filelist[0].file_size = made.filelist[0].compress_size = 5 << 30
    with pytest.raises(OversizedImage, match=f"has {5 << 30} bytes"):
        find_photographs(tmp_path).read("a.png", MOST)


def test_an_entry_before_the_beginning_is_unreadable(tmp_path):
    """Offsets in the directory are shifted by what seems to precede the archive."""
    path = archive(tmp_path)
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<I", data, end + 16, struct.unpack_from("<I", data, end + 16)[0] + 60)
    path.write_bytes(data)
    with pytest.raises(UnreadableImage, match=r"in all\.zip"):
        find_photographs(tmp_path).read("a.png", MOST)


def test_an_entry_that_decompresses_beyond_its_size_takes_no_memory(tmp_path):
    archive(tmp_path, bytes(50_000_000), changes=[(LENGTH, 500)])
    found = find_photographs(tmp_path)
    tracemalloc.start()
    with pytest.raises(UnreadableImage, match="Bad CRC-32"):
        found.read("a.png", MOST)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("name", ["/etc/a.png", "../a.png", "b/../../a.png"])
def test_names_outside_the_folder_are_refused(tmp_path, name):
    archive(tmp_path, name=name)
    with pytest.raises(ValueError, match="is a path outside it"):
        find_photographs(tmp_path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_ambiguous_archives_are_refused_by_name(tmp_path):
    archive(tmp_path, name="sound.png")
    with pytest.raises(ValueError, match=r"all\.zip: two entries have the same name, 'sound\.png'"):
        find_photographs(tmp_path)
    path = archive(tmp_path, name="ü.png")
    whole = path.read_bytes()
    path.write_bytes(whole.replace("ü".encode(), b"\xff\xff"))
    with pytest.raises(ValueError, match=r"all\.zip: not a complete zip file .*copy it again"):
        find_photographs(tmp_path)
    for part in (whole[:-10], whole[: len(whole) // 2], b"PK", b""):
        path.write_bytes(part)
        with pytest.raises(ValueError, match=r"all\.zip: not a complete zip file .*copy it again"):
            find_photographs(tmp_path)
    path.write_bytes(whole)
    (tmp_path / "b.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"'b\.png' is beside all\.zip; keep one of the two"):
        find_photographs(tmp_path)


def test_links_and_zips_in_a_zip_are_not_followed(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as made:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
        made.writestr("inner.zip", b"PK")
        made.writestr("folder/", b"")
        made.writestr("e", b"")
        made.filelist[-1].filename = ""
    found = find_photographs(tmp_path)
    assert found.names == ("link.png",)
    assert len(found.others) == 2
    assert found.read("link.png", MOST) == b"/etc/passwd"  # text, which is no picture
