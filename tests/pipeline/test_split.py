"""Splits: the paper's modes, fractions, lists; always disjoint, and the same again."""

import csv
import itertools
import json

import numpy as np
import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter

from pipeline import ledger
from pipeline.division import divide
from pipeline.settings import split_rules
from pipeline.split import main
from wnet.data import splits
from wnet.data.resize import bicubic
from wnet.data.shards import write_index, write_shard
from wnet.photographs.keys import photograph_of

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


def test_mode_one_trains_on_the_rest_if_there_are_fewer_faces():
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


def test_too_few_faces_are_reported():
    with pytest.raises(ValueError, match="needs at least 301 faces, and there are 200"):
        splits.by_last(NAMES, 1000, 100, 200)


def test_names_are_ordered_as_people_count():
    names = ["10.jpg", "a/2.jpg", "1.jpg", "2.jpg", "a/10.jpg", "02.jpg"]
    assert sorted(names, key=splits.natural) == [
        "1.jpg", "02.jpg", "2.jpg", "10.jpg", "a/2.jpg", "a/10.jpg"
    ]  # fmt: skip
    assert splits.by_last(["1.jpg", "10.jpg", "2.jpg"], 1, 1, 1)["test"] == ["10.jpg"]
    assert splits.by_first(["1.jpg", "10.jpg", "2.jpg"], 2, 1, 0, 0)["train"] == ["1.jpg", "2.jpg"]


def test_overlap_is_refused_and_so_is_a_needed_subset_without_faces():
    with pytest.raises(ValueError, match="'a' is both in train and in test"):
        splits.check_division({"train": ["a"], "validation": [], "test": ["a"]}, ())
    alone = {"train": ["a"], "validation": [], "test": []}
    splits.check_division(alone, ["train"])
    for subset in ("validation", "test"):
        with pytest.raises(splits.Undividable, match=f"leaves no face for {subset}"):
            splits.check_division(alone, ["train", subset])


@pytest.mark.parametrize("content", ["", "[]", '{"test": []}', '{"train": 1, "test": []}'])
def test_a_file_that_is_not_a_split_is_reported(tmp_path, content):
    (tmp_path / "split.json").write_text(content)
    with pytest.raises(
        ValueError, match=r"split\.json: no train, validation and test lists; run `dvc repro`"
    ):
        splits.read_split(tmp_path / "split.json")
    with pytest.raises(FileNotFoundError):
        splits.read_split(tmp_path / "none.json")


REJECTED = ["a b.jpg", "y/é.jpg"]


@pytest.fixture
def crops(project):
    """The crops of NAMES, two rejected photographs, and the photographs, which are empty files."""
    folder = project / "data/crop/sample"
    folder.mkdir(parents=True)
    hr = np.random.default_rng(2).integers(0, 256, (len(NAMES), 32, 32, 3), dtype=np.uint8)
    write_shard(folder / "00000.h5", {"name": np.array(NAMES), "hr": hr})
    write_index(folder)
    rows = [{"name": name, "reason": "no face", "detail": ""} for name in REJECTED]
    ledger.write_rejected(folder, rows)
    (project / "data/raw/sample/y").mkdir(parents=True)
    for name in (*NAMES, *REJECTED):
        (project / "data/raw/sample" / name).touch()
    return folder


def run():
    arguments = ["sample-fractions", "data/raw/sample", "data/crop/sample", "out/split.json"]
    return CliRunner().invoke(main, [*arguments, "metrics/split.json"])


def counts(project):
    return json.loads((project / "metrics/split.json").read_text())


def unmatched(project):
    with (project / "out/split.unmatched.csv").open(newline="", encoding="utf-8") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


def put(project, file, text, encoding="utf-8"):
    (project / "data/raw/sample" / file).parent.mkdir(exist_ok=True)
    (project / "data/raw/sample" / file).write_text(text, encoding)


def test_the_stage_writes_the_division_and_counts_it(project, crops):
    assert run().exit_code == 0
    division = json.loads((project / "out/split.json").read_text())
    assert sorted(everything(division)) == NAMES
    assert list(division) == [*splits.SUBSETS, "absent"]
    assert counts(project) == {
        "train": 156, "validation": 12, "test": 32, "unused": 0, "lists": {}
    }  # fmt: skip
    assert unmatched(project) == []


def test_lists_of_all_kinds_are_read_and_counted(project, crops, edit_params):
    put(project, "train.txt", "name\r\n1/000001\r\n000002.png\r\n", "utf-16")
    put(project, "Lists/VALIDATION.txt", '"000003.JPG"\n# 000004.jpg\n')
    put(project, "test.txt", "\ufeff000007.jpg\nA B.jpg\ny\\e\u0301.jpg\n999999.jpg\n")
    files = {subset: f"{subset}.txt" for subset in splits.SUBSETS}
    edit_params({"recipes.sample.splits.fractions": {"by": "lists", **files}})
    result = run()
    assert result.exit_code == 0, result.output
    assert splits.read_split(project / "out/split.json") == {
        "train": NAMES[:2], "validation": NAMES[2:3], "test": NAMES[6:7]
    }  # fmt: skip
    assert json.loads((project / "out/split.json").read_text())["absent"] == 3
    matched = counts(project)
    assert matched["unused"] == 196
    assert matched["lists"] == {
        "train": {"rows": 2, "matched": 2, "photographs": 202, "faces": 2},
        "validation": {"rows": 1, "matched": 1, "photographs": 202, "faces": 1},
        "test": {"rows": 4, "matched": 3, "photographs": 202, "faces": 1},
    }
    said = unmatched(project)
    assert ("test", "4", "999999.jpg", "no such photograph") in said
    assert ("test", "2", "A B.jpg", "not cropped") in said
    assert "3 listed faces do not exist" in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nobody.jpg\n", "none of its 1 rows matches a photograph"),
        ("", "has no rows"),
    ],
)
def test_a_list_without_matches_is_refused(project, crops, edit_params, text, said):
    put(project, "test.txt", text)
    rule = {"by": "lists", "train": None, "validation": None, "test": "test.txt"}
    edit_params(
        {
            "recipes.sample.splits.fractions": rule,
            "trainings": {},
            "evaluations": {},
            "comparisons": {},
        }
    )
    result = run()
    assert result.exit_code == 1
    assert f"test.txt: {said}" in result.output


def test_a_missing_list_is_reported(project, crops, edit_params):
    edit_params({"recipes.sample.splits.fractions.identities": "people.txt"})
    result = run()
    assert result.exit_code == 1
    assert "people.txt: no such file, which params.yaml names" in result.output


@pytest.mark.parametrize("form", ["{0}.jpg {1}", "x/{0}.png,{1}", "{0}\t{1}", '"{0}.JPG";"{1}"'])
def test_no_person_is_in_two_subsets_in_whatever_form_persons_are_listed(
    project, crops, edit_params, form
):
    people = {name: f"p {number // 7}" for number, name in enumerate(NAMES)}
    rows = [form.format(name[:-4], person) for name, person in people.items()]
    rows[8] = rows[8].replace("p 1", "P 1")  # no other person
    put(project, "people.txt", "\n".join(rows))
    edit_params({"recipes.sample.splits.fractions.identities": "people.txt"})
    result = run()
    assert result.exit_code == 0, result.output
    division = splits.read_split(project / "out/split.json")
    subsets = [{people[name] for name in division[subset]} for subset in splits.SUBSETS]
    assert all(a.isdisjoint(b) for a, b in itertools.combinations(subsets, 2))
    assert counts(project)["lists"]["identities"] == {
        "rows": 200, "matched": 200, "photographs": 202, "faces": 200
    }  # fmt: skip
    assert unmatched(project) == [
        ("identities", "", name, "in no row") for name in sorted(REJECTED)
    ]  # fmt: skip


@pytest.mark.parametrize("file", ["list_eval_partition.txt", "Eval/LIST_EVAL_PARTITION.csv"])
def test_the_official_partition_and_what_it_does_not_list(project, crops, edit_params, file):
    separator = "," if file.endswith("csv") else " "
    lines = [f"{name}{separator}{number % 3}" for number, name in enumerate(NAMES[:150])]
    put(project, file, "\n".join(["image_id,partition", *lines] if separator == "," else lines))
    edit_params({"recipes.sample.splits.fractions": {"by": "partition"}})
    result = run()
    assert result.exit_code == 0, result.output
    assert splits.read_split(project / "out/split.json")["validation"] == NAMES[1:150:3]
    assert counts(project)["unused"] == 50
    assert counts(project)["lists"]["partition"]["matched"] == 150
    assert "50 unused" in result.output
    assert ("partition", "", NAMES[150], "in no row") in unmatched(project)


def test_an_invalid_partition_is_refused(project, crops, edit_params):
    put(project, "list_eval_partition.txt", "000001.jpg 0\n000002.jpg 3\n")
    edit_params({"recipes.sample.splits.fractions": {"by": "partition"}})
    assert "partition.txt:2: '3' of '000002.jpg' is none of 0" in run().output


@pytest.mark.parametrize(
    ("key", "value", "subset"),
    [("test", 0.001, "test"), ("validation", 0.001, "validation")],  # of 200 faces none
)
def test_a_split_that_leaves_a_needed_set_empty(project, crops, edit_params, key, value, subset):
    edit_params({f"recipes.sample.splits.fractions.{key}": value})
    result = run()
    assert result.exit_code == 1
    assert f"splits.sample-fractions: the split leaves no face for {subset}" in result.output


def test_splits_for_training_only_and_for_testing_only(project, crops, edit_params):
    edit_params({"trainings": {}, "evaluations": {}, "comparisons": {}})
    for rule, expected in (
        ({"by": "all"}, (0, 0, 200)),
        ({"by": "last", "train": 190, "validation": 10, "test": 0}, (190, 10, 0)),
        ({"by": "last", "train": 0, "validation": 0, "test": 50}, (0, 0, 50)),
        ({"by": "first", "train": 150, "validation": 9, "test": 0, "validation_before_last": 0},
         (150, 9, 0)),
    ):  # fmt: skip
        edit_params({"recipes.sample.splits.fractions": rule})
        assert run().exit_code == 0, rule
        division = splits.read_split(project / "out/split.json")
        assert tuple(map(len, division.values())) == expected


def test_a_rejected_face_is_reported_with_the_remedies(project, crops, edit_params):
    rule = {"by": "last", "train": 0, "validation": 0, "test": 202}
    edit_params(
        {
            "recipes.sample.splits.fractions": rule,
            "trainings": {},
            "evaluations": {},
            "comparisons": {},
        }
    )
    result = run()
    assert result.exit_code == 1
    assert "needs at least 202 faces, and there are 200" in result.output
    assert "rejected 2 photographs, 'a b.jpg' first (no face)" in result.output
    assert "data/crop/sample/rejected.csv" in result.output


def nearly_the_same(folder):
    """Crops in which 000003 is a slightly brighter 000190, and 000050 a reduced 000150."""
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
        result = run()
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
            assert run().exit_code == 0
            pairs[how] = listed(project)
        assert pairs["together"] == []
        apart += len(pairs["listed"])
    assert apart > 0


GROUPS = [f"{n:03}.jpg{face}" for n in range(1, 31) for face in ("", "#2", "#3")]


@pytest.mark.parametrize(
    "rule",
    [
        {"by": "last", "train": 100, "validation": 10, "test": 20},
        {"by": "first", "train": 20, "test": 10, "validation": 10, "validation_before_last": 20},
        {"by": "fractions", "seed": 1, "validation": 0.2, "test": 0.2, "identities": None,
         "near_copies": "listed"},
    ],
)  # fmt: skip
def test_all_faces_of_a_photograph_are_in_one_subset(rule):
    """The sizes are chosen so that every rule would divide a photograph's faces."""
    rule = TypeAdapter(split_rules.Split).validate_python(rule)
    division = divide(GROUPS, rule, list, list).subsets
    photographs = [{photograph_of(face) for face in division[s]} for s in splits.SUBSETS]
    assert all(photographs)
    assert all(a.isdisjoint(b) for a, b in itertools.combinations(photographs, 2))
    if rule.by != "fractions":
        assert rule.test <= len(division["test"]) < rule.test + 3


def test_a_boundary_that_divides_no_photograph_is_kept():
    division = splits.by_last(NAMES, 150, 10, 20)
    assert splits.undivided(division, {name: name for name in NAMES}) == division


def test_other_faces_follow_their_photograph_in_lists(project, crops, edit_params):
    names = ["000001.jpg#2", "000002.jpg", "000002.jpg#2", "000003.jpg"]
    hr = np.random.default_rng(3).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    write_shard(crops / "00000.h5", {"name": np.array(names), "hr": hr})
    write_index(crops)
    for subset, name in (("train", 1), ("validation", 2), ("test", 3)):
        put(project, f"{subset}.txt", f"00000{name}.jpg\n")
    files = {subset: f"{subset}.txt" for subset in splits.SUBSETS}
    edit_params({"recipes.sample.splits.fractions": {"by": "lists", **files}})
    result = run()
    assert result.exit_code == 0, result.output
    division = splits.read_split(project / "out/split.json")
    assert division == {"train": names[:1], "validation": names[1:3], "test": names[3:]}
    assert {what: found["faces"] for what, found in counts(project)["lists"].items()} == {
        "train": 1, "validation": 2, "test": 1
    }  # fmt: skip
    assert not [row for row in unmatched(project) if row[3] == "not cropped"]
