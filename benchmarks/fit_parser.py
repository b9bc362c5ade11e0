"""Fit the landmark parser to annotated faces and write its weights: wnet/parsing/votes.py.

    python benchmarks/fit_parser.py FOLDER wnet/parsing/votes.py

FOLDER holds images/ and masks/ in the format of CelebAMask-HQ. The last photographs by name are
held out for measurements by `parsing_iou.py --real`; 700 photographs take about three minutes on a
core.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import torch
from parsing_iou import Example, cropped, drawn, photographs
from PIL import Image
from torch.nn.functional import cross_entropy

from wnet.parsing.by_landmarks import GROUND
from wnet.parsing.evidence import Planes, measure
from wnet.parsing.outlines import to_working_grid
from wnet.parsing.votes import COLUMNS, VOTES

NAMES = tuple(VOTES)
SIDES = (128, 64)  # of the crops
PIXELS = 200  # of each crop
GREY = 0.1  # of the crops
BY_HAND = {"eye inside": {4: 400}, "lips inside": {11: 200, 12: 200, 13: 200}}
WEIGHTS = {2: 1.5, 4: 2.0, 10: 1.3, 11: 2.0, 12: 1.5, 13: 1.5}  # of a pixel; others: 1
PENALTY = 1e-6  # of a squared vote, relative to the mean loss per pixel
UNKNOWN = -1  # the column of glasses, since the class behind them is unknown

SAME = {3: 2, 5: 4, 8: 7, 9: 0, 15: 0, 16: 0, 18: 0}  # both sides; what counts as background
COLUMN_OF = np.array(
    [UNKNOWN if c == 6 else COLUMNS.index(SAME.get(c, c)) for c in range(19)], np.int64
)

Sample = tuple[np.ndarray, np.ndarray, np.ndarray]  # (P, M) measured, (P,) columns, (P, C) barred


def sampled(example: Example, random: np.random.Generator) -> Iterator[Sample]:
    """Pixels of the example's crops: measurements, class, and the classes they cannot have.

    Pixels whose class in the mask is one they cannot have are left out, like glasses.
    """
    for side in SIDES:
        hr, points, classes = cropped(example, side)
        if random.random() < GREY:
            hr = np.asarray(Image.fromarray(hr).convert("L").convert("RGB"))
        grid, frame = to_working_grid(hr, points.astype(np.float64))
        planes = measure(grid, frame)
        y, x = (random.integers(0, length, PIXELS) for length in grid.shape[:2])
        rows, columns = y * side // grid.shape[0], x * side // grid.shape[1]
        column = COLUMN_OF[classes[rows, columns]]
        far = barred(planes, y, x)
        kept = (column != UNKNOWN) & ~far[np.arange(PIXELS), column]
        measured = np.stack([planes[name][y, x] for name in NAMES], axis=1)
        yield measured[kept], column[kept], far[kept]


def barred(planes: Planes, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Whether a pixel is too far from the outline of a class to belong to it: (P, C)."""
    near = [GROUND.get(identity) for identity in COLUMNS]
    nowhere = np.zeros(len(y), bool)
    return np.stack(
        [planes[f"{ground} near"][y, x] <= -1 if ground else nowhere for ground in near], axis=1
    )


def fit(measured: np.ndarray, column: np.ndarray, barred: np.ndarray) -> np.ndarray:
    """The votes (M, C) with the least loss: multinomial logistic regression by L-BFGS."""
    free = np.array([name not in BY_HAND for name in NAMES], np.float32)[:, None]
    inputs, targets = torch.from_numpy(measured).float(), torch.from_numpy(column)
    far = torch.from_numpy(np.where(barred, -1e3, 0.0)).float()
    weights = torch.tensor([WEIGHTS.get(identity, 1.0) for identity in COLUMNS])
    votes = torch.zeros(len(NAMES), len(COLUMNS), requires_grad=True)
    search = torch.optim.LBFGS([votes], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        search.zero_grad()
        counted = inputs @ (votes * torch.from_numpy(free)) + far
        total = cross_entropy(counted, targets, weights) + PENALTY * votes.square().sum()
        total.backward()
        return total

    search.step(loss)
    click.echo(f"{len(column):,} pixels, loss {loss().item():.4f}")
    found = votes.detach().numpy() * free
    return found - found.mean(axis=1, keepdims=True)  # equal votes for all classes have no effect


def table(votes: np.ndarray) -> list[str]:
    """The rows of VOTES, in hundredths."""
    rows = []
    for name, row in zip(NAMES, np.round(votes * 100).astype(int), strict=True):
        by_hand = BY_HAND.get(name, {})
        numbers = [by_hand.get(i, number) for i, number in zip(COLUMNS, row, strict=True)]
        label = f'"{name}":'
        rows.append(f"    {label:25} ({', '.join(f'{number:4}' for number in numbers)}),")
    return rows


def rewrite(file: Path, rows: list[str]) -> None:
    """Replace the rows of the table in the file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    start, end = lines.index("VOTES = {") + 2, lines.index("}")
    file.write_text("\n".join([*lines[:start], *rows, *lines[end:]]) + "\n", encoding="utf-8")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--held-back", default=100, show_default=True, help="Photographs not fitted to.")
@click.option("--drawn-faces", default=0, show_default=True, help="Drawn faces, fitted to too.")
def main(folder: Path, file: Path, held_back: int, drawn_faces: int) -> None:
    """Fit the votes to the photographs in FOLDER and write them into FILE."""
    random = np.random.default_rng(1)
    examples = itertools.chain(
        photographs(folder, slice(-held_back)), drawn(range(1000, 1000 + drawn_faces))
    )
    samples = [sample for example in examples for sample in sampled(example, random)]
    click.echo(f"{len(samples) // len(SIDES)} faces")
    rewrite(file, table(fit(*(np.concatenate(part) for part in zip(*samples, strict=True)))))


if __name__ == "__main__":
    main()
