"""Fixtures that tests share: real photographs, and small inputs."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from joblib.externals.loky import get_reusable_executor
from params_file import edit_keys_quickly, write_resolved
from small_project import ROOT, SMALL, Checkout, Project

from pipeline.settings.params import BadParameters

TINY_RUN = {"model.width": 8, "train.epochs": 3, "train.batch": 4, "train.progress_every": 2}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests of whole projects and trainings, which take longest.

    So no process works on them alone at the end.
    """
    items.sort(key=lambda item: item.path.parent.name not in ("tests", "training"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real annotated photographs that WNET_REAL_DATA names."""
    folder = os.environ.get("WNET_REAL_DATA")
    if not folder:
        pytest.skip("WNET_REAL_DATA does not name a folder of real photographs")
    return Path(folder)


@pytest.fixture(scope="session")
def finished(tmp_path_factory, worker_id) -> Checkout:
    """A small project whose whole pipeline has run; tests that change anything use a copy.

    The processes of a test run share it: the first makes it, the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "finished"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            making = Project(folder.with_name("finished-making"))
            making.edit(SMALL)
            making.repro()
            making.folder.rename(folder)
    return Checkout(folder)


@pytest.fixture
def project(tmp_path, monkeypatch) -> Iterator[Path]:
    """An empty folder with the project's params.yaml, resolved, as working directory."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    write_resolved(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WNET_WORKERS", "1")
    monkeypatch.setenv("WNET_THREADS", "1")
    monkeypatch.setenv("WNET_DEVICE", "cpu")
    yield tmp_path
    get_reusable_executor().shutdown()  # joblib's processes stay in the folder they began in


@pytest.fixture
def edit_params(project):
    """Change keys of the project's params.yaml: edit_params({"train.epochs": 2})."""

    def edit(changes: dict) -> None:
        edit_keys_quickly(project / "params.yaml", changes)
        with suppress(BadParameters):  # what is wrong in it is the test's affair
            write_resolved(project)

    return edit


@pytest.fixture(scope="module")
def one_thread():
    """One thread for torch; more are slower on the small networks of tests."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def drawn_faces():
    """Eight drawn faces with their exact landmarks and parsing."""
    from drawn.photograph import render

    return [render(number, number, 256) for number in range(1, 9)]


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def prepared(project, drawn_faces, edit_params):
    """The shards of the data stages, for six drawn training faces and two validation faces."""
    from wnet.data.resize import bicubic
    from wnet.data.shards import Shards, write_index, write_shard

    edit_params({f"runs.wnet-small.{key}": value for key, value in TINY_RUN.items()})
    names = np.array([f"{number}.png" for number in range(8)])
    large = np.stack([face.image for face in drawn_faces])
    hr = bicubic(large[:, 32:224, 32:224], 64, 64)
    classes = np.stack([face.classes[32:224:3, 32:224:3] for face in drawn_faces])
    points = np.stack([(face.points - 32) / 3 for face in drawn_faces]).astype(np.float32)
    skin = (classes == 1).astype(np.uint8)
    small = bicubic(skin[..., None] * 255, 16, 16)[..., 0]
    for folder, columns in (
        ("crop", {"hr": hr, "points": points}),
        ("parse", {"classes": classes, "skin": skin}),
        ("pyramid", {"lr_x4": bicubic(hr, 16, 16), "skin_x4": small}),
    ):
        (project / folder).mkdir()
        for number, rows in enumerate((slice(0, 5), slice(5, 8))):
            part = {key: column[rows] for key, column in columns.items()}
            path = project / folder / f"{number:05}.h5"
            write_shard(path, {"name": names[rows], **part})
    for folder, made_from in (("crop", []), ("parse", ["crop"]), ("pyramid", ["crop", "parse"])):
        write_index(project / folder, *(Shards(project / other) for other in made_from))
    split = {"train": names[:6].tolist(), "validation": names[6:].tolist(), "test": []}
    (project / "split.json").write_text(json.dumps(split))
    return project
