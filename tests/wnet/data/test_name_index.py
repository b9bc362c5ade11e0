"""Rows by name: those of a dictionary, also where different names have the same hash."""

import numpy as np
import pytest

from wnet.data import name_index
from wnet.data.name_index import NameIndex, hashes_of


def index_of(names):
    there = np.array(names, dtype=object)

    def named(rows):
        for where in (np.arange(0, len(rows), 2), np.arange(1, len(rows), 2)):
            yield where, there[rows[where]]

    return NameIndex(hashes_of(names), named)


@pytest.fixture(params=["hashes", "a hash for all", "hashes of lengths"])
def hashed(request, monkeypatch):
    other = {"a hash for all": lambda _: 2**64 - 1, "hashes of lengths": len}.get(request.param)
    if other:
        monkeypatch.setattr(name_index, "xxh3_64_intdigest", other)


@pytest.mark.usefixtures("hashed")
def test_rows_are_those_of_a_dictionary(random, monkeypatch):
    monkeypatch.setattr(name_index, "_AT_ONCE", 7)
    names = [f"{'é人x'[number % 3]}/{number}.jpg" for number in random.permutation(60).tolist()]
    row_of = {name: row for row, name in enumerate(names)}
    asked = [*reversed(names), "", "x/60.jpg", names[7], names[7], "\ud800", 12, "x/0.jpg "]
    rows = index_of(names).rows(asked)
    assert rows.tolist() == [row_of.get(name, -1) for name in asked]
    assert index_of(names).rows([]).tolist() == []


@pytest.mark.usefixtures("hashed")
def test_duplicates_are_found_and_nothing_else_is_one(random):
    names = [f"{number}.jpg" for number in random.permutation(60).tolist()]
    assert not index_of(names).has_duplicates()
    assert index_of([*names, names[30]]).has_duplicates()
    assert not index_of(names[:1]).has_duplicates()
