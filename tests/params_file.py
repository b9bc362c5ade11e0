"""Change keys of a params.yaml as a person would, comments and order kept."""

from pathlib import Path

from ruamel.yaml import YAML


def edit_keys(path: Path, changes: dict) -> None:
    """Set keys, each given with dots: {"train.epochs": 2}."""
    yaml = YAML()
    content = yaml.load(path)
    for key, value in changes.items():
        *parents, last = key.split(".")
        node = content
        for parent in parents:
            node = node[parent]
        node[last] = value
    yaml.dump(content, path)
