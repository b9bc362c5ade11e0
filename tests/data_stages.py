"""All data stages in one process: python tests/data_stages.py FOLDER FACES [backwards]

Prints, as JSON, the SHA-256 of every output, by its path: of its bytes, and of its content, which
for a shard is what its columns hold, without the record of what versions made it. `backwards` turns
the listings of folders round.
"""

import hashlib
import json
import os
import shutil
import sys
from importlib import import_module
from pathlib import Path

STAGES = (
    ("synthesize", "data/raw/sample"),
    ("crop", "sample", "data/raw/sample", "data/crop", "metrics/crop.json"),
    ("parse", "sample", "data/crop", "data/parse", "data/parse.csv", "metrics/parse.json"),
    ("pyramid", "sample", "4", "data/crop", "data/parse", "data/pyramid"),
    ("split", "sample", "fractions", "data/raw/sample", "data/crop", "data/split.json"),
    ("reference", "sample", "data/crop", "data/split.json", "data/reference.h5"),
)


class Backwards:
    """os.scandir, from the end."""

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
    files = sorted(path for path in Path().rglob("*") if path.is_file())
    print(
        json.dumps({str(path): (digest(path.read_bytes()), digest(held(path))) for path in files})
    )


def held(path: Path) -> bytes:
    from wnet.data.shards import read_shard

    if path.suffix != ".h5":
        return path.read_bytes()
    columns = read_shard(path)
    names = columns.pop("name").tolist()
    arrays = {key: digest(array.tobytes()) for key, array in sorted(columns.items())}
    return json.dumps([names, arrays]).encode()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "backwards" in sys.argv[3:])
