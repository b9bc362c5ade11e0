"""The annotation files that CelebA brings along, read when they lie beside the photographs.

https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html
"""

from pathlib import Path

import numpy as np

BOXES = "list_bbox_celeba.txt"  # x, y, width, height of the face in the photograph
POINTS = (
    "list_landmarks_celeba.txt"  # x, y of left eye, right eye, nose, left and right mouth corner
)
IDENTITIES = "identity_CelebA.txt"
PARTITION = "list_eval_partition.txt"  # 0 train, 1 validation, 2 test
_FARTHEST = 1e6  # pixels from a corner of a photograph


def read_annotation(folder: Path, file: str, columns: int) -> dict[str, np.ndarray]:
    """Rows of one annotation file by file name: (columns,) float64 each; empty where it is absent.

    The count in the first line and the line of column titles, which two of the files have, are
    passed over. Raises ValueError naming the line that has another form or a name once more.
    """
    path = folder / file
    rows: dict[str, np.ndarray] = {}
    if not path.is_file():
        return rows
    for number, line in enumerate(_lines(path), 1):
        fields = line.split()
        if not fields or "." not in fields[0]:
            continue
        name, where = fields[0], f"{path}:{number}"
        try:
            row = np.array([float(field) for field in fields[1:]]).reshape(columns)
        except ValueError as error:
            raise ValueError(f"{where}: not a name and {columns} numbers: {line!r}") from error
        if not (np.abs(row) < _FARTHEST).all():
            raise ValueError(f"{where}: holds what is no place in a photograph: {line!r}")
        if name in rows:
            raise ValueError(f"{where}: a second row of {name}")
        rows[name] = row
    return rows


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text: {error}") from error
