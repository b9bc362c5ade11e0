"""Attributes of faces (Male, Young, Eyeglasses, ...), if they are stored with the photographs.

CelebA has its own, https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html; those of drawn faces are the
parameters of the drawing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wnet.photographs.annotations import ATTRIBUTES, official, read_numbers, read_words
from wnet.photographs.folder import Photographs
from wnet.photographs.names import Match

DRAWN = "faces.csv"
_OF_DRAWN = {
    "Male": lambda row: float(row["masculine"]) > 0.5,
    "Young": lambda row: float(row["age"]) < 40,
    "Pale_Skin": lambda row: float(row["skin_tone"]) < 0.25,  # 0 is fair, 1 dark
    "Eyeglasses": lambda row: row["glasses"] == "True",
    "Wearing_Hat": lambda row: row["hat"] != "",
}
_DRAWN_TITLES = (b"masculine", b"age", b"skin_tone", b"glasses", b"hat")


@dataclass(frozen=True)
class Attributes:
    """The attributes of photographs: their titles, and 1 or -1 for each, by photograph.

    `match` is None if no file has any.
    """

    titles: tuple[str, ...]
    values: Mapping[str, np.ndarray]
    match: Match | None

    def of(self, names: Sequence[str]) -> dict[str, np.ndarray]:
        """Each attribute of the named photographs: (N,) 1 or -1, NaN if unknown."""
        unknown = np.full(len(self.titles), np.nan)
        values = np.stack([self.values.get(name, unknown) for name in names])
        return dict(zip(self.titles, values.T, strict=True))


def read_attributes(photographs: Photographs) -> Attributes:
    """The attributes stored with the photographs; none if there is no such file.

    Raises ValueError naming file and line.
    """
    if file := official(photographs, ATTRIBUTES):
        found = read_numbers(photographs, file, None)
        return Attributes(found.listed.titles, _celeba(found), found)
    if DRAWN in photographs.others:
        titles = photographs.read_other(DRAWN).partition(b"\n")[0]
        if all(
            title in titles for title in _DRAWN_TITLES
        ):  # otherwise it is a table of the user's own
            found = read_words(photographs, DRAWN, None)
            return Attributes(tuple(_OF_DRAWN), _drawn(found), found)
    return Attributes((), {}, None)


def _celeba(found: Match) -> dict[str, np.ndarray]:
    values = {name: np.array(row.values, np.float32) for name, row in found.rows.items()}
    no = -1 if any((row == -1).any() for row in values.values()) else 0
    for name, row in values.items():
        if not np.isin(row, (no, 1)).all():
            raise ValueError(
                f"{found.listed.where}:{found.rows[name].line}: attributes of {name!r} must be"
                f" 1 or {no}"
            )
    return {name: np.where(row == 1, 1, -1).astype(np.int8) for name, row in values.items()}


def _drawn(found: Match) -> dict[str, np.ndarray]:
    rows = {n: dict(zip(found.listed.titles, r.values, strict=True)) for n, r in found.rows.items()}
    return {
        name: np.array([1 if has(row) else -1 for has in _OF_DRAWN.values()])
        for name, row in rows.items()
    }
