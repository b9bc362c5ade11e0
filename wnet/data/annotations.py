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


def read_annotation(folder: Path, file: str, columns: int) -> dict[str, np.ndarray]:
    """Rows of one annotation file by file name: (columns,) float64 each; empty where it is absent.

    The count in the first line and the line of column titles, which two of the files have, are
    passed over. Raises ValueError naming the line that has another form.
    """
    path = folder / file
    rows: dict[str, np.ndarray] = {}
    if not path.is_file():
        return rows
    for number, line in enumerate(path.read_text().splitlines(), 1):
        fields = line.split()
        if not fields or "." not in fields[0]:
            continue
        try:
            rows[fields[0]] = np.array([float(field) for field in fields[1:]]).reshape(columns)
        except ValueError as error:
            raise ValueError(
                f"{path}:{number}: not a name and {columns} numbers: {line!r}"
            ) from error
    return rows
