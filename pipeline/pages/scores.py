"""What the three scoring stages say of one evaluation, read from their metrics files."""

import json
from dataclasses import dataclass
from pathlib import Path

from pipeline.tables import DECIMALS, METHODS

KINDS = ("quality", "landmarks", "identity")


@dataclass(frozen=True, kw_only=True)
class Score:
    """One score of the network and of bicubic interpolation; None where nothing was scored."""

    label: str
    unit: str
    digits: int
    higher_is_better: bool
    network: float | None
    bicubic: float | None

    @property
    def difference(self) -> float | None:
        """Network minus bicubic."""
        if self.network is None or self.bicubic is None:
            return None
        return round(self.network - self.bicubic, DECIMALS)

    @property
    def verdict(self) -> str:
        """better, worse or equal, in the digits shown; unknown where there is no difference."""
        if self.difference is None:
            return "unknown"
        shown = round(self.difference, self.digits)
        if shown == 0:
            return "equal"
        return "better" if (shown > 0) == self.higher_is_better else "worse"


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The metrics files of the three scoring stages."""

    quality: dict
    landmarks: dict
    identity: dict

    @property
    def protocols(self) -> list[str]:
        """In the order of quality.protocols; the first is that of headline and Table 1."""
        return list(self.quality["sr"])

    @property
    def headline(self) -> list[Score]:
        """PSNR and SSIM by the first protocol, landmark distance, identity similarity."""
        return [
            *self.by_protocol(self.protocols[0]),
            _compared("Landmark distance", "px", 2, False, self.landmarks, "euclidean"),
            _compared("Identity similarity", "", 4, True, self.identity, "similarity"),
        ]

    def by_protocol(self, protocol: str) -> list[Score]:
        """PSNR and SSIM by one protocol."""
        scores = {method: self.quality[method][protocol] for method in METHODS}
        return [
            _compared("PSNR", "dB", 2, True, scores, "psnr"),
            _compared("SSIM", "", 4, True, scores, "ssim"),
        ]

    @property
    def lpips_nets(self) -> list[str]:
        """Nets by which LPIPS was measured; the first is that of Table 1."""
        measured = self.quality["lpips"]
        return list(measured) if isinstance(measured, dict) else []

    @property
    def lpips(self) -> list[Score]:
        """LPIPS by each of these nets."""
        measured = {net: self.quality["lpips"][net] for net in self.lpips_nets}
        return [
            _compared(f"LPIPS ({net})", "", 4, False, {m: {"mean": by[m]} for m in METHODS}, "mean")
            for net, by in measured.items()
        ]

    @property
    def downstream(self) -> list[tuple[str, Score]]:
        """Every score of landmarks and identity, each with a remark."""
        points = self.landmarks
        return [
            ("L2 norm over 68 points", _compared("Distance", "px", 2, False, points, "euclidean")),
            ("mean over 68 points", _compared("Distance", "px", 3, False, points, "mean_px")),
            ("by the outer eye corners", _compared("NME", "", 4, False, points, "nme")),
            ("faces with a high NME", _compared("Failures", "", 0, False, points, "failures")),
            ("faces the detector misses", _compared("Missed", "", 0, False, points, "missed")),
            ("cosine", _compared("Identity", "", 4, True, self.identity, "similarity")),
        ]


def read_metrics(path: Path) -> dict:
    """Read a metrics file; one that is not there is an error that says what to do."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path}: no such file; run `dvc repro`") from error


def read_scores(metrics: Path, name: str) -> Scores:
    """The scores of the evaluation `name` in the folder of all metrics."""
    return Scores(**{kind: read_metrics(metrics / kind / f"{name}.json") for kind in KINDS})


def _compared(
    label: str, unit: str, digits: int, higher_is_better: bool, by_method: dict, key: str
) -> Score:
    bicubic, network = (by_method[method][key] for method in METHODS)
    return Score(
        label=label,
        unit=unit,
        digits=digits,
        higher_is_better=higher_is_better,
        network=network,
        bicubic=bicubic,
    )
