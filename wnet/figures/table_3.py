"""Table 3 of the paper: the ablation of W-Net, with the paper's scores.

Source: arXiv 2406.00676, Table 3: CelebA x4, training mode II. The available text lacks the tick
marks of the table; those of A to E and H follow from its wording, as do F and G taken together,
which it calls "with LPF".
"""

from dataclasses import dataclass
from decimal import Decimal

SETTING = "CelebA ×4, training mode II"
PARTS = {"use_parsing_block": "Parsing Block", "use_lpf": "LPF", "use_scab": "SCAB"}
"""The keys of `model` that switch a part off, with the name of the part."""


@dataclass(frozen=True)
class Experiment:
    """A row: its letter, the keys of its parts, and the paper's PSNR (dB) and SSIM."""

    letter: str
    parts: frozenset[str]
    psnr: Decimal
    ssim: Decimal

    @property
    def lacks(self) -> frozenset[str]:
        """The keys of the parts that are switched off."""
        return frozenset(PARTS) - self.parts


def _read(table: str) -> tuple[Experiment, ...]:
    keys = {"block": "use_parsing_block", "lpf": "use_lpf", "scab": "use_scab"}
    rows = []
    for line in table.strip().splitlines():
        letter, parts, psnr, ssim = (part.strip() for part in line.split("|"))
        having = frozenset(keys[part] for part in parts.split())
        rows.append(Experiment(letter, having, Decimal(psnr), Decimal(ssim)))
    return tuple(rows)


TABLE_3 = _read("""
A |                | 28.69 | 0.8358
B | block          | 28.98 | 0.8438
C | lpf            | 31.01 | 0.8903
D | scab           | 31.10 | 0.8956
E | block scab     | 31.21 | 0.8965
F | block lpf      | 31.36 | 0.8977
G | lpf scab       | 31.37 | 0.8973
H | block lpf scab | 31.63 | 0.9029
""")
