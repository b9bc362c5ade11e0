"""Attributes of faces (Male, Young, Eyeglasses, ...), where they lie beside the photographs.

CelebA brings its own, https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html; of drawn faces it is known
how they were drawn.
"""

import csv
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from wnet.photographs.annotations import read_annotation

CELEBA = "list_attr_celeba.txt"  # 1 or -1 for each of the attributes that its second line names
DRAWN = "faces.csv"
_OF_DRAWN = {
    "Male": lambda row: float(row["masculine"]) > 0.5,
    "Young": lambda row: float(row["age"]) < 40,
    "Pale_Skin": lambda row: float(row["skin_tone"]) < 0.25,  # 0 is fair, 1 dark
    "Eyeglasses": lambda row: row["glasses"] == "True",
    "Wearing_Hat": lambda row: row["hat"] != "",
}


def read_attributes(folder: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Each attribute of the named faces: (N,) 1 or -1, NaN for a face that is not listed.

    The files go by file names without folders. Empty where there is no such file.
    """
    if (folder / CELEBA).is_file():
        titles, rows = _celeba(folder)
    else:
        titles, rows = list(_OF_DRAWN), _drawn(folder / DRAWN)
    if not rows:
        return {}
    absent = np.full(len(titles), np.nan)
    values = np.stack([rows.get(PurePosixPath(name).name, absent) for name in names])
    return dict(zip(titles, values.T, strict=True))


def _celeba(folder: Path) -> tuple[list[str], dict[str, np.ndarray]]:
    with (folder / CELEBA).open(encoding="utf-8") as file:
        _, titles = next(file, ""), next(file, "").split()
    return titles, read_annotation(folder, CELEBA, len(titles))


def _drawn(path: Path) -> dict[str, np.ndarray]:
    """As the stage `synthesize` wrote them; a table of other columns says nothing."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if not {"name", "masculine", "age", "skin_tone", "glasses", "hat"} <= {*rows.fieldnames}:
            return {}
        return {
            row["name"]: np.array([1.0 if has(row) else -1.0 for has in _OF_DRAWN.values()])
            for row in rows
        }
