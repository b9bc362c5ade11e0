"""The measurement of a network and of bicubic interpolation on any faces, and its report."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from pipeline.harness import environment
from pipeline.quality import LPIPS_VERSION, lpips_by
from pipeline.reconstruct import reconstruct
from pipeline.scoring import Scored, rows_of, scored, summary
from pipeline.settings import schema, sections
from pipeline.tables import METHODS
from pipeline.trial_faces import TrialFaces
from wnet.counted import counted
from wnet.data.resize import bicubic
from wnet.figures.choice import evenly_ranked
from wnet.figures.grid import Cell, draw_grid, enlarge
from wnet.files.weights import sha256_of
from wnet.metrics.paired import Paired, compare
from wnet.metrics.scores import Pictures, Score, headline
from wnet.metrics.trunks import TRUNKS
from wnet.networks.network import WEIGHTS
from wnet.networks.saved import load

SHEET = 12  # faces of the contact sheet
SIDE = 192  # approximate size of its pictures, in px


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The results of a network on faces, with scores.

    Attributes:
        network: its folder. pictures: `lr`, and those of both METHODS, (N, R, R, 3) uint8.
        paired: the network compared with bicubic interpolation, by every score.
        unlike: how the faces were cropped otherwise than those of the network's training.
        trunks: SHA-256 of the networks of LPIPS, by their keys.
    """

    network: Path
    scale: int
    faces: TrialFaces
    pictures: Mapping[str, np.ndarray]
    scores: Scored
    paired: Mapping[Score, Paired]
    trunks: Mapping[str, str]
    unlike: tuple[str, ...]

    @property
    def compared(self) -> list[Score]:
        """The main scores."""
        return headline(self.paired)

    @property
    def gain(self) -> np.ndarray:
        """The gain of each face in the first score."""
        return self.scores["sr"][self.compared[0]] - self.scores["bicubic"][self.compared[0]]

    def table(self) -> str:
        """All scores as a CSV with a row per face."""
        return rows_of(self.faces.names, self.scores)

    def facts(self) -> dict:
        """The whole result for programs, to be written as JSON."""
        faces = self.faces
        return {
            "network": str(self.network),
            "sha256": sha256_of(self.network / WEIGHTS),
            "scale": self.scale,
            "photographs": faces.photographs,
            "faces": len(faces.names),
            "several_faces": faces.several,
            "other_files": faces.others,
            "left_out": faces.reasons,
            "crop": faces.rule.model_dump(mode="json"),
            "unlike_training": list(self.unlike),
            "trunks": dict(self.trunks),
            "lpips_version": LPIPS_VERSION,
            "versions": {name: version(name) for name in ("dlib-bin", "numpy", "pillow", "torch")},
            "scores": {score.column: self._of(score) for score in self.paired},
        }

    def _of(self, score: Score) -> dict:
        means = {method: summary(score, self.scores[method][score]) for method in METHODS}
        paired = asdict(self.paired[score]) | {"verdict": self.paired[score].verdict}
        return means | {key: _plain(value) for key, value in paired.items()}


def run_trial(
    network: Path,
    taught: sections.Crop,
    faces: TrialFaces,
    settings: schema.Params,
    trunks: Mapping[str, Path],
) -> Trial:
    """Reduce the faces, enlarge them again and measure both methods.

    taught: the crop settings of the network's training faces. trunks: the weights of the networks
    of LPIPS to use, by their keys.
    """
    loaded = load(network, environment.device())
    scale, side = loaded.scale, faces.hr.shape[1]
    pictures = reconstruct(bicubic(faces.hr, side // scale, side // scale), scale, loaded)
    compared = {
        method: Pictures(sr=pictures[method], hr=faces.hr, scale=scale, lpips=lpips_by(trunks))
        for method in METHODS
    }
    nets = [net for net, role in TRUNKS.items() if role in trunks]
    scores = scored("quality", compared, settings.quality.model_dump() | {"lpips": nets})
    return Trial(
        network=network,
        scale=scale,
        faces=faces,
        pictures=pictures,
        scores=scores,
        paired={
            score: compare(
                values, scores["bicubic"][score], score.higher_is_better, settings.compare
            )
            for score, values in scores["sr"].items()
        },
        trunks={role: sha256_of(path) for role, path in trunks.items()},
        unlike=tuple(
            f"{key} is {value}, {there} in the training"
            for key, value, there in faces.rule.differences(taught)
        ),
    )


def report(trial: Trial) -> Iterator[str]:
    """The result as lines of text."""
    faces, side = trial.faces, trial.faces.hr.shape[1]
    yield (
        f"{trial.network}: {counted(len(faces.names), 'face')} of"
        f" {counted(faces.photographs, 'photograph')},"
        f" {side // trial.scale} to {side} px"
    )
    rows = [("", "bicubic", "network", "difference", "95 % interval", "ahead on", "")]
    for score in trial.compared:
        paired, digits = trial.paired[score], score.digits
        means = [summary(score, trial.scores[method][score]) for method in METHODS]
        low, high = (_shown(value, digits, "+") for value in (paired.low, paired.high))
        rows.append(
            (
                score.heading,
                *(_shown(value, digits) for value in means),
                _shown(paired.difference, digits, "+"),
                f"{low} to {high}",
                f"{round(paired.won * paired.faces)} of {paired.faces}",
                paired.verdict,
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others, verdict in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:-1], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells, verdict]).rstrip()
    if not trial.trunks:
        yield "LPIPS is not measured: `wnet weights fetch alexnet` downloads its network"
    if any(paired.few for paired in trial.paired.values()):
        yield "So few faces are unreliable."
    if faces.several:
        yield f"photographs with several faces, of which the largest is measured: {faces.several}"
    if faces.left_out:
        left = ", ".join(f"{count} {reason}" for reason, count in faces.reasons.items())
        yield f"left out: {left}"
    if faces.others:
        yield f"files that are not photographs: {faces.others}"
    if trial.unlike:
        yield (
            "The faces were cropped otherwise than those of the training:"
            f" {'; '.join(trial.unlike)}. The scores include the effect of this."
        )


def contact_sheet(trial: Trial) -> np.ndarray:
    """Faces from the largest gain to the smallest, as (H, W, 3) uint8 RGB.

    The input's pixels are repeated; the other pictures are enlarged smoothly.
    """
    faces, score = trial.faces, trial.compared[0]
    side = faces.hr.shape[1]
    times = max(1, round(SIDE / side))

    def smooth(image: np.ndarray) -> np.ndarray:
        return bicubic(image[None], times * side, times * side)[0]

    rows = []
    for row in evenly_ranked(trial.gain, SHEET):
        notes = [f"{trial.scores[m][score][row]:.{score.digits}f} {score.unit}" for m in METHODS]
        rows.append(
            [
                Cell(enlarge(trial.pictures["lr"][row], times * trial.scale), faces.names[row]),
                Cell(smooth(trial.pictures["bicubic"][row]), notes[0]),
                Cell(smooth(trial.pictures["sr"][row]), notes[1]),
                Cell(smooth(faces.hr[row]), ""),
            ]
        )
    small, large = (f"{length} × {length} px" for length in (side // trial.scale, side))
    titles = [("Input", small), ("Bicubic", large), ("Network", large), ("Original", large)]
    return draw_grid(titles, rows)


def _shown(value: float | None, digits: int, sign: str = "") -> str:
    return "-" if value is None or np.isnan(value) else f"{value:{sign}.{digits}f}"


def _plain(value: object) -> object:
    """A value for JSON: NaN and infinities become null."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
