"""Every key of params.yaml with every type of wrong value: an error that names it, and no work."""

import copy
import math

import pytest
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.settings.params import BadParameters, checked

CONTENT = YAML(typ="safe").load(ROOT / "params.yaml")
WRONG = (None, "a; rm -rf x", "../x", "-x", "$(x)", "a b", "a\n", "", "x" * 300, [], {}, [[]])
WRONG += (True, math.nan, math.inf, -math.inf, -1, -7.5, 10**30, 1e300, 1e-300, -1e-300)
# Valid values: key (its last part) and values.
RIGHT = {
    "sha256": (None,),
    "levels": (None,),
    "identities": (None, "a b"),
    "lpips": ([],),
    "rate_steps": ([],),
    "turns": ([],),
    "detector": (None,),
    "min_side": (None,),
    "lift": (-1, 1e-300, -1e-300),
    "parsing_channels": (True,),  # 1
}
TINY = ("detector_score", "dic_expansion", "degenerate_below", "validation", "test", "beta1")
SHARES = ("adversarial_from", "others_from", "discriminator_from", "alignment_alone")
TINY += ("beta2", "max_instability", *SHARES)
RIGHT |= dict.fromkeys((*TINY, "alignment_frozen", "ema", "share", 0), (1e-300,))


def right_at(path) -> tuple:
    """Values that look wrong but are valid: blocks may be empty, and inactive ones also null."""
    match path:
        case ("paper", "datasets"):
            return None, []
        case ("paper",) | ("paper", _) | ("recipes",) | ("runs",) | ("sets",):
            return None, {}
        case ("recipes" | "runs", _, *below) if len(below) <= 1:
            return None, {}  # without keys, the section applies
        case ("sets", _, "epochs" | "learning_rates" | "tested_on"):
            return None, {}
        case ("sets", _, "equal_to"):
            return (None,)
        case ("weights" | "pyramids" | "splits" | "trainings" | "evaluations" | "comparisons",):
            return ({},)
        case ("degrade", "blur" | "noise", _):
            return (1e-300,)
        case _:
            return RIGHT.get(path[-1], ())


def paths(node, above=()):
    """The place of every key, and of every entry of a list, in the file."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*above, key)
        if isinstance(value, (dict, list)):
            yield from paths(value, (*above, key))


PATHS = list(paths(CONTENT))


def at(content, path):
    for key in path:
        content = content[key]
    return content


def changed(path, value) -> dict:
    """The content with another value at a path; what is not on the way there is shared."""
    content, parent = opened(path)
    parent[path[-1]] = value
    return content


def opened(path) -> tuple[dict, dict | list]:
    """The content, and what holds the last key of a path, both of which may be changed."""
    content = node = copy.copy(CONTENT)
    for key in path[:-1]:
        node[key] = copy.copy(node[key])
        node = node[key]
    return content, node


def dotted(path) -> str:
    return ".".join(map(str, path))


def errors_of(content) -> list[str]:
    with pytest.raises(BadParameters) as caught:
        checked(content)
    lines = str(caught.value).split("\n")
    assert all(line.startswith("params.yaml: ") and len(line) < 400 for line in lines)
    return lines


@pytest.mark.parametrize("path", PATHS, ids=dotted)
def test_a_wrong_value_is_named_whatever_it_is(path):
    if path[-1] == "based_on":
        return  # test_layers.py
    old = at(CONTENT, path)
    for value in WRONG:
        if any(value is right or value == right for right in right_at(path)):
            continue
        if isinstance(old, bool) and value is True:
            continue
        lines = errors_of(changed(path, value))
        named = any(dotted(path) in line for line in lines)
        # A missing name is reported for the entry that needs it.
        missed = isinstance(old, str) and any(old in line for line in lines)
        assert named or missed, (value, lines)


def test_a_scale_with_a_point_is_named():
    """4.0 equals 4, but DVC would have made a folder `x4.0`."""
    scaled = [path for path in PATHS if path[0] != "runs" and path[-1] == "scale"]
    assert scaled
    for path in scaled:
        (line,) = errors_of(changed(path, float(at(CONTENT, path))))
        assert f"{dotted(path)} = " in line


@pytest.mark.parametrize("path", [(), *PATHS], ids=dotted)
def test_an_unknown_key_is_reported(path):
    if not isinstance(at(CONTENT, path), dict) or path[-1:] == ("tested_on",):
        return  # whose keys are names
    lines = errors_of(changed((*path, "colour"), "red"))
    assert any(dotted((*path, "colour")) in line for line in lines), lines


OVERRIDES = [
    path for path in PATHS
    if path[0] in ("recipes", "runs") and len(path) == 4 and path[2] != "splits"
]  # fmt: skip
ASKED = {training["run"] for training in CONTENT["trainings"].values()}
BASES = {run.get("based_on") for run in CONTENT["runs"].values()}
AS_W_NET = ("runs", "ufsrnet", "model", "network")  # its other keys are W-Net's too


def may_go(path) -> bool:
    """Whether the file is valid without that key."""
    match path:
        case ("paper", *below):
            return len(below) <= 2  # an inactive block, or an entry of it
        case ("weights", _) | ("comparisons",) | ("comparisons", _):
            return True  # a file that nothing active needs, and what is only reported
        case ("recipes" | "runs" as group, name):
            return name not in (CONTENT["datasets"] if group == "recipes" else ASKED)
        case ("recipes", name, "splits", *below):
            return name not in CONTENT["datasets"] and len(below) <= 1
        case ("sets",) | ("sets", _):
            return True
        case ("sets", _, "equal_to" | "epochs" | "learning_rates" | "tested_on", *_):
            return True
        case ("runs", name, "based_on"):
            own = CONTENT["runs"][name]
            sections = ("model", "loss")
            return all(own.get(each, {}).keys() <= CONTENT[each].keys() for each in sections)
        case ("runs", name, _, *below) if len(below) <= 1 and "based_on" in CONTENT["runs"][name]:
            return True  # inherited from its base
        case ("runs", name, "loss", *_) if "network" in CONTENT["runs"][name]["model"]:
            return False  # the loss of another network inherits nothing
        case ("runs", name, "model"):
            return CONTENT["runs"][name]["loss"].keys() <= CONTENT["loss"].keys()
        case ("recipes" | "runs", _, _):
            return True  # missing keys of a recipe or run are those of the section
        case _:
            return path == AS_W_NET or (
                path in OVERRIDES and "network" not in at(CONTENT, path[:-1])
            )


@pytest.mark.parametrize("path", PATHS, ids=dotted)
def test_a_missing_key_is_reported(path):
    above = at(CONTENT, path[:-1])
    if path[0] == "runs" and path[2:] == ("model",) and path[1] in BASES:
        return  # another network, of which those based on it may be too
    if may_go(path):
        checked(without(path))
        return
    if isinstance(above, list) or path[-2:-1] in (("trainings",), ("evaluations",)):
        return  # an entry that may be removed while nothing needs it
    lines = errors_of(without(path))
    near = dotted(path[:-1]) if path[-1] in ("network", "based_on") else str(path[-1])
    if path[0] == "runs" and path[2:] == ("model",):
        near = dotted((*path[:-1], "loss"))  # which is not in W-Net's loss
    assert any(dotted(path) in line or near in line for line in lines), lines


def without(path) -> dict:
    content, parent = opened(path)
    del parent[path[-1]]
    return content


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"train.learning_rate": 0}, "train.learning_rate = 0: Input should be greater"),
        ({"train.beta2": 1.0}, "train.beta2 = 1.0"),
        ({"train.beta2": 0.9999999}, "train.beta2 = 0.9999999"),
        ({"train.epsilon": 1e-50}, "train.epsilon = 1e-50"),
        ({"train.clip_norm": 1e-9}, "train.clip_norm = 1e-09: give 0, or at least"),
        ({"train.seed": 2**64}, "train.seed = 18446744073709551616"),
        ({"runs.wnet-small.loss": {"pixel": 0, "key_regions": 0}}, "wnet-small.loss.pixel = 0 and"),
        ({"recipes.sample.splits.fractions.validation": 0}, "leaves no faces to train"),
        ({"recipes.sample.splits.fractions.test": 0.95}, "add up to more than 1"),
        ({"recipes.sample.splits.fractions.test": 0}, "leaves no faces to test"),
        ({"recipes.sample.splits.fractions.identities": "a/../b"}, "fractions.identities = 'a"),
        ({"recipes.sample.crop": {"faces_per_shard": 65536}}, "faces_per_shard = 65536: shards of"),
        ({"recipes.sample.crop.resolution": 48}, "trainings.sample-x4 (run wnet-small, scale 4)"),
        ({"datasets": ["sample", "sample"]}, "datasets = ['sample', 'sample']: the list has"),
        ({"quality.protocols": ["dic", "dic"]}, "quality.protocols = ['dic', 'dic']"),
        ({"pyramids.sample-x4.scale": 3}, "pyramids.sample-x4.scale = 3"),
    ],
)  # fmt: skip
def test_values_that_make_no_sense_together_are_reported(changes, said):
    content = copy.deepcopy(CONTENT)
    for key, value in changes.items():
        *above, last = key.split(".")
        at(content, above)[last] = value
    assert any(said in line for line in errors_of(content)), errors_of(content)


def test_a_missing_weights_file_is_reported_by_name():
    content = copy.deepcopy(CONTENT)
    content["recipes"]["sample"]["crop"]["landmarks"] = "fan"
    del content["weights"]["sfd"]
    (line,) = errors_of(content)
    assert "weights.sfd: is missing, and recipes.sample.crop.landmarks = fan needs it" in line
