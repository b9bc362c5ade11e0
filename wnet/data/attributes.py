"""CelebA's attributes of faces (Male, Young, Eyeglasses, ...), where they lie beside photographs.

https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from wnet.data.annotations import read_annotation

ATTRIBUTES = "list_attr_celeba.txt"  # 1 or -1 for each of the attributes that its second line names


def read_attributes(folder: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Each attribute of the named faces: (N,) 1 or -1, NaN for a face that the file does not list.

    The file goes by file names without folders. Empty where there is no such file.
    """
    path = folder / ATTRIBUTES
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as file:
        titles = [next(file, "").split() for _ in range(2)][1]
    rows = read_annotation(folder, ATTRIBUTES, len(titles))
    absent = np.full(len(titles), np.nan)
    values = np.stack([rows.get(PurePosixPath(name).name, absent) for name in names])
    return dict(zip(titles, values.T, strict=True))
