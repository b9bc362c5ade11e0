"""The rule that matches rows with photographs: a match, or a refusal by name."""

import unicodedata

import pytest

from wnet.photographs.lists import read_list
from wnet.photographs.names import match

FOLDERS = [f"person{p}/{n:02}.jpg" for p in range(8) for n in range(1, 6)]


def found(text, names, values=0):
    """The first value of the row (its name, without values) by photograph."""
    matched = match(read_list(text.encode(), "list", values), names)
    return {name: row.values[0] if values else row.name for name, row in matched.rows.items()}


@pytest.mark.parametrize(
    "called",
    [
        "Img/Año 1.jpg",
        "Año 1.jpg",
        "Año 1",
        "Año 1.PNG",
        "AÑO 1.JPG",
        "img/año 1.jpg",
        "Img\\Año 1.jpg",
        "./Img/Año 1.jpg",
        "C:\\pictures\\Img\\Año 1.jpg",
        "/home/me/raw/Img/Año 1.jpg",
        "elsewhere/Año 1.jpg",
        "Año  1.jpg",
        '"Img/Año 1.jpg"',
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_photograph_by_any_of_its_names(called, form):
    names = ["Img/Año 1.jpg", "Img/other.jpg"]
    assert list(found(unicodedata.normalize(form, called), names)) == names[:1]


def test_decomposed_photographs_are_found_too():
    name = unicodedata.normalize("NFD", "é.jpg")
    assert found("é\n", [name]) == {name: "é"}


@pytest.mark.parametrize(
    "name", ["#1.jpg", "a b.jpg", "a,b.jpg", "a.jpg.png", "#", "-", "a\\b.jpg"]
)
def test_unusual_names_are_found(name):
    assert list(found(f"{name}\n", [name, "z.jpg"])) == [name]


def test_the_same_file_name_in_several_folders_stays_apart():
    for form in ("{}", "{}.png", "data/{}", "../raw/{}"):
        rows = [
            form.format(name.removesuffix(".jpg") if ".png" in form else name) for name in FOLDERS
        ]
        text = "".join(f"{row} {name[:7]}\n" for row, name in zip(rows, FOLDERS, strict=True))
        assert found(text, FOLDERS, 1) == {name: name[:7] for name in FOLDERS}


def test_an_ambiguous_row_is_refused_by_name():
    with pytest.raises(ValueError, match=r"1: '01\.jpg' matches 'person0/01\.jpg' and 'person1"):
        found("01.jpg\n", FOLDERS)
    with pytest.raises(ValueError, match=r"list:2: '1\.gif' matches '1\.jpg' and '1\.png'"):
        found("2.jpg\n1.gif\n", ["1.jpg", "1.png", "2.jpg"])


def test_the_nearest_of_several_is_chosen():
    names = ["1.jpg", "1.png", "A.jpg", "a.jpg", "x/2.jpg", "2.jpg"]
    assert found("1.PNG\nA.jpeg\n2.JPG\n", names) == {
        "1.png": "1.PNG", "A.jpg": "A.jpeg", "2.jpg": "2.JPG"
    }  # fmt: skip


def test_a_row_of_a_missing_photograph_matches_no_other():
    text = "a/1.jpg\na/2.jpg\nb/3.jpg\n"
    matched = match(read_list(text.encode(), "list", 0), ["a/1.jpg", "a/3.jpg"])
    assert list(matched.rows) == ["a/1.jpg"]
    assert [row.name for row in matched.unmatched] == ["a/2.jpg", "b/3.jpg"]
    assert matched.unlisted == ("a/3.jpg",)
    assert matched.counts() == {"rows": 3, "matched": 1, "photographs": 2}


def test_an_exact_row_leaves_its_photograph_to_no_other():
    matched = match(read_list(b"1.jpg\n1.png\n", "list", 0), ["1.jpg"])
    assert (matched.rows["1.jpg"].line, len(matched.unmatched)) == (1, 1)


@pytest.mark.parametrize("text", ["1.TIF\n2.jpg\n1.webp\n", "1.PNG\n2.jpg\n1.bmp\n"])
def test_a_second_row_of_a_photograph_is_refused(text):
    with pytest.raises(ValueError, match=r"list:3: .* is a second row of '1\.jpg', after line 1"):
        found(text, ["1.jpg", "2.jpg"])


def test_nothing_matched_is_an_error_and_so_is_an_empty_list():
    with pytest.raises(ValueError, match=r"none of its 2 rows .* 'x.jpg' in line 1, .* 'a.jpg'"):
        found("x.jpg\ny.jpg\n", ["a.jpg"])
    for text in ("", "\n", "# nothing\n", "name\n"):
        with pytest.raises(ValueError, match="list: has no rows"):
            found(text, ["a.jpg"])


@pytest.mark.parametrize("heading", ["name", "image_id", "File name", "3", "# all", "filename,"])
def test_headings_are_not_rows(heading):
    names = ["1.jpg", "2.jpg", "3.jpg", "4.jpg"]
    matched = match(read_list(f"{heading}\n1.jpg\n2.jpg\n4.jpg\n".encode(), "list", 0), names)
    assert matched.counts() == {"rows": 3, "matched": 3, "photographs": 4}


def test_a_number_is_a_name_where_the_others_are_numbers():
    names = ["1.jpg", "2.jpg", "3.jpg"]
    assert list(found("2\n1\n3\n", names)) == names


def test_titles_of_persons_are_not_a_row():
    matched = match(read_list(b"filename,person\na.jpg,x\n", "list", 1), ["a.jpg"])
    assert matched.counts() == {"rows": 1, "matched": 1, "photographs": 1}


def test_the_cases_that_went_wrong(real_data):
    cases = real_data / "cases"
    people = read_list((cases / "people_idfolder.txt").read_bytes(), "people", 1)
    matched = match(people, FOLDERS)
    assert {name: row.values[0] for name, row in matched.rows.items()} == {
        name: name.split("/")[0] for name in FOLDERS
    }
    listed = read_list((cases / "list_bom_crlf.txt").read_bytes(), "bom", 0)
    names = [f"{number:03}.jpg" for number in range(30, 40)]
    assert list(match(listed, names).rows) == names[: len(listed.rows)]
    assert len(listed.rows) == 10


@pytest.mark.parametrize("called", ["A%C3%B1o%201.jpg", "file:///home/me/A%C3%B1o%201.jpg"])
def test_names_of_urls_are_decoded_if_no_photograph_is_called_so(called):
    assert found(f"{called}\n", ["Año 1.jpg", "b.jpg"]) == {"Año 1.jpg": called}
    assert found("a%20b.jpg\n", ["a b.jpg", "a%20b.jpg"]) == {"a%20b.jpg": "a%20b.jpg"}


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\u202a"])
def test_marks_that_no_one_sees_count_for_nothing(mark):
    for row, name in (
        (f"{mark}a.jpg", "a.jpg"),
        ("a.jpg", f"a{mark}.jpg"),
        (f"a.jpg{mark}", "a.jpg"),
    ):
        assert found(f"{row}\n", [name, "b.jpg"]) == {name: row}


def test_equal_rows_are_one_row_and_counted():
    text = "3\n1.jpg Anna\n2.jpg Bo\n1.jpg Anna\n"
    matched = match(read_list(text.encode(), "list", 1), ["1.jpg", "2.jpg"])
    assert matched.counts() == {"rows": 3, "matched": 2, "photographs": 2}
    assert [row.line for row in matched.repeated] == [4]
    with pytest.raises(ValueError, match=r"list:2: .* is a second row of '1\.jpg', after line 1"):
        found("1.jpg Anna\n1.jpg Bo\n", ["1.jpg"], 1)
