"""Splits: the paper's modes, fractions, lists; always disjoint, and the same again."""

import csv
import itertools
import json

import numpy as np
import pytest
from click.testing import CliRunner

from pipeline.split import main
from wnet.data import splits
from wnet.data.resize import bicubic
from wnet.data.shards import write_index, write_shard

NAMES = [f"{number:06}.jpg" for number in range(1, 201)]


def everything(division):
    return [name for subset in splits.SUBSETS for name in division[subset]]


def test_fractions_divide_everything_and_repeat():
    division = splits.by_fractions(NAMES, 1, 0.1, 0.25, {})
    assert [len(division[subset]) for subset in splits.SUBSETS] == [130, 20, 50]
    assert sorted(everything(division)) == NAMES
    assert division == splits.by_fractions(NAMES, 1, 0.1, 0.25, {})
    assert division != splits.by_fractions(NAMES, 2, 0.1, 0.25, {})


def test_fractions_keep_an_identity_together():
    identities = {name: str(number // 7) for number, name in enumerate(NAMES)}
    division = splits.by_fractions(NAMES, 3, 0.2, 0.2, identities)
    people = [{identities[name] for name in division[subset]} for subset in splits.SUBSETS]
    assert all(a.isdisjoint(b) for a, b in itertools.combinations(people, 2))
    assert all(people)
    assert sorted(everything(division)) == NAMES


def test_mode_one_tests_the_last_and_validates_before_them():
    division = splits.by_last(NAMES, 150, 10, 20)
    assert division == {"train": NAMES[:150], "validation": NAMES[170:180], "test": NAMES[180:]}


def test_mode_one_trains_on_what_is_left_where_that_is_less():
    division = splits.by_last(NAMES, 168_854, 10, 20)
    assert division["train"] == NAMES[:170]


def test_mode_two_trains_on_the_first_and_validates_where_mode_one_does():
    division = splits.by_first(NAMES, 100, 10, 10, 20)
    assert division == {
        "train": NAMES[:100],
        "validation": NAMES[170:180],
        "test": NAMES[100:110],
    }
    assert division["validation"] == splits.by_last(NAMES, 0, 10, 20)["validation"]


def test_too_few_faces_are_said():
    with pytest.raises(ValueError, match="asks for 301 faces at least, and there are 200"):
        splits.by_last(NAMES, 1000, 100, 200)


def test_lists_hold_names_or_stems_and_absent_entries_are_counted():
    division, absent = splits.by_lists(NAMES, {"test": ["000003", "000001.jpg", "999999"]})
    assert division["test"] == ["000001.jpg", "000003.jpg"]
    assert division["train"] == []
    assert absent == 1


def test_an_ambiguous_list_entry_is_refused():
    with pytest.raises(ValueError, match="several faces"):
        splits.by_lists(["a/1.jpg", "b/1.jpg"], {"test": ["1"]})


def test_overlap_and_an_empty_test_are_refused():
    with pytest.raises(ValueError, match=r"'a' twice"):
        splits.check_division({"train": ["a"], "validation": [], "test": ["a"]})
    with pytest.raises(ValueError, match="no face to test"):
        splits.check_division({"train": ["a"], "validation": [], "test": []})


@pytest.mark.parametrize("content", ["", "[]", '{"test": []}', '{"train": 1, "test": []}'])
def test_a_file_that_is_no_split_is_named(tmp_path, content):
    (tmp_path / "split.json").write_text(content)
    with pytest.raises(ValueError, match=r"split\.json: no lists of names .* run `dvc repro`"):
        splits.read_split(tmp_path / "split.json")
    with pytest.raises(FileNotFoundError):
        splits.read_split(tmp_path / "none.json")


@pytest.fixture
def crops(project):
    folder = project / "data/crop/sample"
    folder.mkdir(parents=True)
    hr = np.random.default_rng(2).integers(0, 256, (len(NAMES), 32, 32, 3), dtype=np.uint8)
    write_shard(folder / "00000.h5", {"name": np.array(NAMES), "hr": hr})
    write_index(folder)
    (project / "data/raw/sample").mkdir(parents=True)
    return folder


def run(project, *extra):
    arguments = ["sample-fractions", "data/raw/sample", "data/crop/sample", "out/split.json"]
    return CliRunner().invoke(main, arguments)


def test_the_stage_writes_the_division(project, crops):
    assert run(project).exit_code == 0
    division = json.loads((project / "out/split.json").read_text())
    assert sorted(everything(division)) == NAMES


def test_the_stage_reads_lists_and_the_official_partition(project, crops, edit_params):
    rule = {"by": "lists"}
    for subset, text in (
        ("train", "000001"),
        ("validation", "000002"),
        ("test", "# ids\n000007\n"),
    ):
        (project / f"data/raw/sample/{subset}.txt").write_text(text)
        rule[subset] = f"{subset}.txt"
    edit_params({"recipes.sample.splits.fractions": rule})
    assert run(project).exit_code == 0
    assert splits.read_split(project / "out/split.json")["test"] == ["000007.jpg"]
    lines = [f"{name} {number % 3}" for number, name in enumerate(NAMES)]
    (project / "data/raw/sample/list_eval_partition.txt").write_text("\n".join(lines))
    edit_params({"recipes.sample.splits.fractions": {"by": "partition"}})
    assert run(project).exit_code == 0
    assert splits.read_split(project / "out/split.json")["validation"] == NAMES[1::3]


def test_a_split_that_leaves_nothing_to_test_names_its_key(project, crops, edit_params):
    edit_params({"recipes.sample.splits.fractions.test": 0.001})  # of 200 faces none
    result = run(project)
    assert result.exit_code == 1
    assert "splits.sample-fractions: the split leaves no face to test" in result.output


def nearly_the_same(folder):
    """Crops of which 000003 is 000190 a little brighter, and 000050 is 000150, reduced."""
    hr = np.random.default_rng(2).integers(0, 256, (len(NAMES), 16, 16, 3), dtype=np.uint8)
    hr = bicubic(hr, 64, 64)
    hr[2] = np.clip(hr[189] * 1.1, 0, 255)
    hr[49] = bicubic(bicubic(hr[149:150], 32, 32), 64, 64)[0]
    write_shard(folder / "00000.h5", {"name": np.array(NAMES), "hr": hr})
    write_index(folder)


def listed(project):
    with (project / "out/split.near_copies.csv").open(newline="") as file:
        return [tuple(row.values())[:4] for row in csv.DictReader(file)]


def test_near_copies_in_two_sets_are_listed_for_any_rule(project, crops, edit_params):
    nearly_the_same(crops)
    first = {"by": "first", "train": 100, "test": 20, "validation": 10}
    for rule, expected in (
        ({"by": "last", "train": 100, "validation": 10, "test": 20},
         [("000003.jpg", "train", "000190.jpg", "test")]),
        ({**first, "validation_before_last": 5},
         [("000003.jpg", "train", "000190.jpg", "validation")]),
        ({**first, "validation_before_last": 20}, []),  # 190 is in no set, and 150 neither
    ):  # fmt: skip
        edit_params({"recipes.sample.splits.fractions": rule})
        result = run(project)
        assert result.exit_code == 0, result.output
        assert listed(project) == expected
        assert ("1 pair of near copies in two sets" in result.output) == bool(expected)


def test_near_copies_are_kept_together_on_demand(project, crops, edit_params):
    nearly_the_same(crops)
    apart = 0
    for seed in range(4):
        pairs = {}
        for how in ("listed", "together"):
            rule = {"seed": seed, "validation": 0.3, "test": 0.3, "near_copies": how}
            edit_params({f"recipes.sample.splits.fractions.{key}": of for key, of in rule.items()})
            assert run(project).exit_code == 0
            pairs[how] = listed(project)
        assert pairs["together"] == []
        apart += len(pairs["listed"])
    assert apart > 0
