"""All data stages in one process: python tests/data_stages.py FOLDER FACES [backwards]

Prints, as JSON, the SHA-256 of every output except the records, by its path. `backwards` reverses
the listings of folders.
"""

import json
import os
import shutil
import sys
from importlib import import_module
from pathlib import Path

OUTPUTS = {
    "crop": ("data/crop", "data/crop.json", "metrics/crop.json"),
    "parse": ("data/parse", "data/parse.csv", "data/parse.json"),
}
STAGES = (
    ("resolve", "resolved.json", "artifacts/dvc.yaml"),
    ("synthesize", "sample", "data/raw/sample"),
    ("crop", "sample", "data/raw/sample", *OUTPUTS["crop"]),
    ("parse", "sample", "data/crop", *OUTPUTS["parse"]),
    ("pyramid", "sample-x4", "data/crop", "data/parse", "data/pyramid"),
    (
        "split",
        "sample-fractions",
        "data/raw/sample",
        "data/crop",
        "data/split.json",
        "metrics/split.json",
    ),
    ("reference", "sample-fractions", "data/crop", "data/split.json", "data/reference.h5"),
)


class Backwards:
    """os.scandir in reverse order."""

    listed = os.scandir

    def __init__(self, *arguments):
        with Backwards.listed(*arguments) as entries:
            self.entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=True))

    def __iter__(self):
        return self.entries

    def __next__(self):
        return next(self.entries)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def main(folder: Path, faces: int, backwards: bool) -> None:
    from ruamel.yaml import YAML

    root = Path(__file__).resolve().parent.parent
    sys.path.insert(0, str(root))
    if backwards:
        os.scandir = Backwards
    from wnet.files.weights import sha256_of

    folder.mkdir()
    os.chdir(folder)
    content = YAML(typ="safe").load(root / "params.yaml")
    content["synthesize"] = {"seed": 1, "faces": faces, "resolution": 160}
    content["recipes"]["sample"]["crop"]["faces_per_shard"] = 4
    content["recipes"]["sample"]["splits"]["fractions"] |= {"validation": 0.2, "test": 0.2}
    YAML().dump(content, Path("params.yaml"))
    for stage, *arguments in STAGES:
        import_module(f"pipeline.{stage}").main(arguments, standalone_mode=False)
    shutil.rmtree(".scratch")
    files = (path for path in Path().rglob("*") if path.is_file() and ".made_by." not in path.name)
    print(json.dumps({str(path): sha256_of(path) for path in sorted(files)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "backwards" in sys.argv[3:])
