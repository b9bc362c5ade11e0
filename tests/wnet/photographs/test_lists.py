"""Any list written by people or programs is read correctly, or refused by file and line."""

import pytest

from wnet.photographs.lists import read_list

PEOPLE = [("a.jpg", "Anna"), ("b c.jpg", "Bo Li"), ("d, e.jpg", "Cy")]


def read(text, values, numeric=False):
    data = text if isinstance(text, bytes) else text.encode()
    return [(row.name, *row.values) for row in read_list(data, "list", values, numeric).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_ends_of_lines(encoding, end):
    assert read(f"é.jpg{end}b.jpg{end}{end}".encode(encoding), 0) == [("é.jpg",), ("b.jpg",)]


def test_big_endian_utf16_with_its_mark():
    assert read(b"\xfe\xff" + "é.jpg".encode("utf-16-be"), 0) == [("é.jpg",)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("a.jpg\né.jpg\n".encode("latin-1"), "^list:2: not UTF-8 text .* Save the file as UTF-8"),
        ("a.jpg\n".encode("utf-16-le"), "^list: not text .UTF-16 without a byte order mark"),
        ("é.jpg\n".encode("utf-16-be"), "^list"),
    ],
)
def test_other_encodings_are_refused_with_the_files_name(data, said):
    with pytest.raises(ValueError, match=said):
        read(data, 0)


@pytest.mark.parametrize(
    "text",
    [
        "a.jpg Anna\nb c.jpg Bo Li\nd, e.jpg Cy\n",
        "a.jpg\tAnna\nb c.jpg\tBo Li\nd, e.jpg\tCy\n",
        "a.jpg,Anna\nb c.jpg,Bo Li\nd, e.jpg,Cy\n",
        'a.jpg,Anna\n"b c.jpg","Bo Li"\n"d, e.jpg",Cy\n',
        "a.jpg;Anna\nb c.jpg;Bo Li\nd, e.jpg;Cy\n",
        '"a.jpg" Anna\n"b c.jpg" Bo Li\n"d, e.jpg" Cy\n',
        "  a.jpg   Anna  \n\n b c.jpg  Bo Li\nd, e.jpg Cy",
        "3\na.jpg Anna\nb c.jpg Bo Li\nd, e.jpg Cy\n",
    ],
)
def test_one_list_of_persons_in_many_forms(text):
    assert read(text, 1) == PEOPLE


def test_names_without_suffix_end_before_the_last_word():
    assert read("Anna Smith/01 p1\nBo/2 p2\n", 1) == [("Anna Smith/01", "p1"), ("Bo/2", "p2")]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("2\nBald Male\n1.jpg  1 -1\n", ("Bald", "Male")),  # CelebA's form
        ("Bald Male\n1.jpg  1 -1\n", ("Bald", "Male")),
        ("image_id,Bald,Male\n1.jpg,1,-1\n", ("Bald", "Male")),  # Kaggle's
        ("image_id Bald Male\n1.jpg 1 -1\n", ("Bald", "Male")),
        ("Bald,Male\n1.jpg,1,-1\n", ("Bald", "Male")),
        ('"image","Bald","Male"\n"1.jpg","1","-1"\n', ("Bald", "Male")),
    ],
)
def test_titles_say_how_many_values_there_are(text, titles):
    listed = read_list(text.encode(), "list", None, True)
    assert listed.titles == titles
    assert [(row.name, row.values) for row in listed.rows] == [("1.jpg", ("1", "-1"))]


def test_numbers_with_count_and_titles_and_without():
    rows = [("1.jpg", "95", "71", "226", "313")]
    for head in ("", "1\n", "image_id x_1 y_1 width height\n", "1\nx y width height\n"):
        assert read(head + "1.jpg 95 71 226 313\n", 4, True) == rows
    assert read("image_id,x_1,y_1,width,height\n1.jpg,95,71,226,313\n", 4, True) == rows


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("a.jpg 1 2\nb.jpg 1\n", 2, "list:2: not a name and 2 numbers: 'b.jpg 1'"),
        ("a.jpg 1 2 3\n", 2, "list:1: not a name and 2 numbers"),
        ("a.jpg,1,2\nb.jpg,1,2,3\n", 2, "list:2: not a name and 2 numbers"),
        ("a.jpg 1 2\nb.jpg 1 x\n", 2, "list:2: not a name and 2 numbers"),
        ("a.jpg x y\nb.jpg 1 2\n", 2, "list:1: not a name and 2 numbers"),
        ("a.jpg 1 -1\n", None, "list:1: expected the column titles"),
        ("A B\na.jpg 1 -1 1\n", None, "list:2: not a name and 2 numbers"),
    ],
)
def test_a_line_of_another_form_is_named(text, values, said):
    with pytest.raises(ValueError, match=said):
        read(text, values, True)


@pytest.mark.parametrize(
    "data",
    [
        b"sep=;\r\na.jpg;Anna\r\nb.jpg;Bo\r\n",
        '"sep=,"\na.jpg,Anna\nb.jpg,Bo\n'.encode("utf-16"),
        b"a.jpg,Anna,\nb.jpg,Bo,,\n",  # a column that was deleted
        b"\xef\xbb\xbfa.jpg Anna\n\xef\xbb\xbfb.jpg Bo\n\x1a",  # two files joined in DOS
    ],
)
def test_remains_of_other_programs_are_skipped(data):
    assert read(data, 1) == [("a.jpg", "Anna"), ("b.jpg", "Bo")]


@pytest.mark.parametrize("text", ["person,photo\n1,2.jpg\n2,1.jpg\n", "1 2.jpg\n2 1.jpg\n"])
def test_persons_before_their_photographs_are_not_photographs(text):
    """Person 1 in 2.jpg was read as photograph 1 of a person named 2.jpg."""
    assert read(text, 1)[-2:] == [("2.jpg", "1"), ("1.jpg", "2")]


def test_excels_first_line_is_not_a_name():
    assert read("sep=,\na.jpg\n", 0) == [("a.jpg",)]


def test_a_person_must_be_named():
    with pytest.raises(ValueError, match=r"list:1: not a name and 1 value: 'a\.jpg,,'"):
        read("a.jpg,,\nb.jpg,Bo\n", 1)
    with pytest.raises(ValueError, match=r"list:2: not a name and 1 value: 'b\.jpg'"):
        read("a.jpg Anna\nb.jpg\n", 1)


def test_a_hash_begins_a_comment_unless_the_line_is_a_row():
    assert read("# made by hand\n#1.jpg\n", 0) == [("# made by hand",), ("#1.jpg",)]
    assert read("# what\n#1.jpg 3 4\n2.jpg 5 6\n", 2, True) == [
        ("#1.jpg", "3", "4"), ("2.jpg", "5", "6")
    ]  # fmt: skip


@pytest.mark.parametrize("between", [" ", "\t", ",", ";"])
def test_a_remark_behind_a_row_is_none_of_its_values(between):
    text = f"a.jpg{between}Anna # on the left\nb.jpg{between}Person #2\nc.jpg{between}C#\n"
    assert read(text, 1) == [("a.jpg", "Anna"), ("b.jpg", "Person #2"), ("c.jpg", "C#")]
    assert read("a.jpg 1 2 3 4 # by hand\n", 4, True) == [("a.jpg", "1", "2", "3", "4")]
    assert read("a.jpg # blurred\na # b.jpg\n", 0) == [("a.jpg",), ("a # b.jpg",)]
    assert read("a # b.jpg Anna\n1 # b.jpg Bo\n", 1) == [("a # b.jpg", "Anna"), ("1 # b.jpg", "Bo")]
