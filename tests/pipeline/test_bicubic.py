"""Bicubic interpolation as a method: the inputs of its evaluations, and their pages."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from comparison_inputs import BICUBIC, FACES, NAME, put_params, put_results
from comparison_inputs import RUN as COMPARE
from evaluation_inputs import RUN, put_all
from params_file import write_resolved
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline import bicubic, compare, reconstruct, report
from pipeline.settings.params import BadParameters, checked
from pipeline.settings.required_weights import required
from pipeline.settings.resolution import items
from pipeline.settings.sets import entries_of
from wnet.data import resize
from wnet.data.shards import read_shard, write_index, write_shard

OF_SET = {"dataset": "sample", "split": "fractions", "scale": 4}
ALONE = {"training": "bicubic", **OF_SET}


def content() -> dict:
    return YAML(typ="safe").load(ROOT / "params.yaml")


def only_bicubic() -> dict:
    """Evaluate only bicubic interpolation on the sample, whose maps would need weights."""
    whole = content() | {"evaluations": {"alone": ALONE}, "trainings": {}}
    whole["recipes"]["sample"]["parse"] = {"method": "bisenet"}
    return whole


def of(whole: dict, stage: str, name: str):
    (item,) = [i for i in items(checked(whole)) if (i.stage, i.name) == (stage, name)]
    return item


def without_network(folder: Path) -> None:
    """Turn a results folder into that of an evaluation of bicubic interpolation."""
    for shard in ("sr.h5", "points.h5"):
        columns = read_shard(folder / shard)
        kept = {key: columns[key] for key in columns if key not in ("sr", "parsing")}
        (folder / shard).unlink()
        write_shard(folder / shard, kept)
    for stage in ("quality", "landmarks", "identity"):
        means = json.loads((folder / f"{stage}.json").read_text())
        del means["sr"]
        (folder / f"{stage}.json").write_text(json.dumps(means))
        lines = (folder / f"{stage}.csv").read_text(encoding="utf-8").splitlines()
        kept = [n for n, key in enumerate(lines[0].split(",")) if not key.startswith("sr_")]
        rows = "\n".join(",".join(line.split(",")[n] for n in kept) for line in lines)
        (folder / f"{stage}.csv").write_text(rows + "\n", encoding="utf-8")


def test_its_folder_has_a_note_instead_of_a_network(project):
    done = CliRunner().invoke(bicubic.main, ["bicubic", "models/bicubic/network"])
    assert done.exit_code == 0, done.output
    assert [path.name for path in Path("models/bicubic/network").iterdir()] == ["README.md"]


def test_it_needs_neither_a_training_nor_maps_nor_their_weights():
    whole = only_bicubic()
    assert of(whole, "reconstruct", "alone").inputs.network is None
    assert of(whole, "parse", "sample").inputs.parse is None
    assert not of(whole, "pyramid", "sample-x4").inputs.skin
    assert {need.role for need in required(checked(whole))} == set()
    made_from = of(whole, "compare", "sample-fractions-x4").inputs
    assert (made_from.methods, made_from.bicubic) == ((), "alone")


def test_faces_to_train_on_keep_their_maps():
    whole = content()
    whole["evaluations"]["alone"] = ALONE
    assert of(whole, "parse", "sample").inputs.parse.method == "landmarks"
    assert of(whole, "pyramid", "sample-x4").inputs.skin
    assert of(whole, "train", "sample-x4") == of(content(), "train", "sample-x4")


def test_faces_that_are_only_evaluated_have_none_whatever_is_trained_elsewhere():
    whole = content()
    own = {"dataset": "own", "split": "all", "scale": 4}
    whole["datasets"].append("own")
    whole["pyramids"]["own-x4"] = {"dataset": "own", "scale": 4}
    whole["splits"]["own-all"] = {"dataset": "own", "split": "all"}
    whole["evaluations"]["own-x4"] = {"training": "sample-x4", **own}
    recipe = whole["recipes"]["sample"]
    whole["recipes"]["own"] = recipe | {"parse": {}, "splits": {"all": {"by": "all"}}}
    assert of(whole, "parse", "own").inputs.parse is None
    assert of(whole, "parse", "sample").inputs.parse is not None
    assert of(whole, "report", "own-x4").inputs.training.run == "wnet-small"
    whole["pools"] = {"both": {"of": [{"dataset": "sample", "split": "fractions"},
                                      {"dataset": "own", "split": "all"}]}}  # fmt: skip
    whole["weights"]["bisenet"]["sha256"] = "0" * 64
    assert of(whole, "parse", "own").inputs.parse.method == "bisenet"


@pytest.mark.parametrize(
    ("block", "entry", "said"),
    [
        ("trainings", {"bicubic": {"run": "wnet-small", **OF_SET}}, "trainings.bicubic: is the"),
        (
            "evaluations",
            {"alone": ALONE, "again": ALONE},
            "evaluations.again: is the same as alone",
        ),
        (
            "evaluations",
            {"bicubic": {"training": "sample-x4", **OF_SET}},
            "evaluations.bicubic: is the name of",
        ),
        ("evaluations", {"alone": ALONE | {"training": "bicubc"}}, "did you mean 'bicubic'?"),
        ("evaluations", {"alone": ALONE | {"scale": 8}}, "needs sample-x8 among pyramids"),
    ],
)
def test_invalid_entries_are_refused_by_key(block, entry, said):
    whole = content()
    whole[block] |= entry
    with pytest.raises(BadParameters, match=said.replace("?", r"\?")):
        checked(whole)


def test_it_is_a_run_of_a_set():
    entries = entries_of(checked(content()), "interpolation")
    assert entries["trainings"] == {}
    assert len(entries["evaluations"]) == 4
    assert {item.training for item in entries["evaluations"].values()} == {"bicubic"}
    assert len(entries["comparisons"]) == 4


def test_faces_are_enlarged_by_the_kernel_alone(project, random):
    YAML().dump(only_bicubic(), project / "params.yaml")
    write_resolved(project)
    lr = random.integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    Path("pyramid").mkdir()
    write_shard(Path("pyramid/00000.h5"), {"name": np.array(["a", "b", "c"]), "lr_x4": lr})
    write_index(Path("pyramid"))
    Path("split.json").write_text(json.dumps({"train": [], "validation": [], "test": ["c", "a"]}))
    done = CliRunner().invoke(
        reconstruct.main, ["alone", "no-network", "pyramid", "split.json", "out/sr.h5"]
    )
    assert done.exit_code == 0, done.output
    out = read_shard(Path("out/sr.h5"))
    assert out.keys() == {"name", "lr", "bicubic"}
    np.testing.assert_array_equal(out["bicubic"], resize.bicubic(lr[[2, 0]], 64, 64))


def test_its_page_has_its_scores_and_no_gain(project):
    put_all({"faces": 2, "magnify": 1, "browse": 2, "rejected": 0})
    YAML().dump(only_bicubic(), project / "params.yaml")
    write_resolved(project)
    without_network(Path("results"))
    done = CliRunner().invoke(report.main, ["alone", *RUN[1:], "page"])
    assert done.exit_code == 0, done.output
    page = Path("page/index.html").read_text(encoding="utf-8")
    assert "Bicubic interpolation enlarges 5 faces" in page
    for absent in ("model_card", "minus bicubic", "Learning", 'class="verdict"', "Faces won"):
        assert absent not in page
    made = {path.name.partition("-")[2] for path in Path("page/faces").iterdir()}
    assert made == {"input.png", "bicubic.png", "original.png", "parsing.png"}
    assert not Path("page/model_card.md").exists()


def test_in_a_comparison_it_is_itself_and_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put_params(faces=5, resamples=500)
    put_results()
    whole = YAML(typ="safe").load(Path("params.yaml"))
    (Path("results/alone")).mkdir()
    for path in Path("results/noise").iterdir():
        (Path("results/alone") / path.name).write_bytes(path.read_bytes())
    without_network(Path("results/alone"))

    def compared(evaluations: dict) -> dict:
        YAML().dump(whole | {"evaluations": evaluations}, Path("params.yaml"))
        write_resolved(Path())
        done = CliRunner().invoke(compare.main, [NAME, *COMPARE])
        assert done.exit_code == 0, done.output
        return json.loads(Path("metrics.json").read_text())[NAME]

    networks = compared(whole["evaluations"])
    both = compared(whole["evaluations"] | {"alone": ALONE})
    assert both["pairs"] == networks["pairs"]
    assert [one["name"] for one in both["methods"]] == [one["name"] for one in networks["methods"]]
    assert both["methods"][-1]["evaluations"] == ["alone"]
    assert networks["methods"][-1]["evaluations"] == []
    alone = compared({"alone": ALONE})
    assert alone["pairs"] == []
    (method,) = alone["methods"]
    assert method["mean"]["dic_psnr"] == pytest.approx(np.mean(BICUBIC), abs=1e-6)
    assert len(Path("reports/compare.csv").read_text().splitlines()) == 1
    page = Path("reports/compare.html").read_text(encoding="utf-8")
    assert f"on the\n{FACES} test faces" in page
    assert '"pairs": {"bicubic": {}}' in page
