"""Table 3 of the paper: which parts of W-Net each experiment has, and what the paper measured.

Source: arXiv 2406.00676, Table 3: CelebA x4, training mode II. The text at hand has lost the ticks;
those of A to E and H follow from its wording, and so do F and G together, which it calls "with
LPF".
"""

from collections.abc import Sequence
from dataclasses import dataclass

SETTING = "CelebA x4, training mode II"


@dataclass(frozen=True)
class Experiment:
    """A row: its parts as keys of `model` have them, and the paper's PSNR (dB) and SSIM."""

    letter: str
    use_parsing_block: bool
    use_lpf: bool
    use_scab: bool
    psnr: float
    ssim: float

    @property
    def parts(self) -> dict[str, bool]:
        """The keys of `model` that make this experiment."""
        return {
            "use_parsing_block": self.use_parsing_block,
            "use_lpf": self.use_lpf,
            "use_scab": self.use_scab,
        }


TABLE_3 = (
    Experiment("A", False, False, False, 28.69, 0.8358),
    Experiment("B", True, False, False, 28.98, 0.8438),
    Experiment("C", False, True, False, 31.01, 0.8903),
    Experiment("D", False, False, True, 31.10, 0.8956),
    Experiment("E", True, False, True, 31.21, 0.8965),
    Experiment("F", True, True, False, 31.36, 0.8977),
    Experiment("G", False, True, True, 31.37, 0.8973),
    Experiment("H", True, True, True, 31.63, 0.9029),
)


@dataclass(frozen=True)
class Measured:
    """What we measured of one experiment: PSNR (dB), SSIM, IoU of validation skin maps."""

    psnr: float
    ssim: float
    parsing_iou: float
    parameters: int
    epochs: int


def table_3(measured: Sequence[Measured | None]) -> str:
    """The rows of TABLE_3 as lines of text, ours (dashes where there are none) and the paper's."""
    heads = ("Exp", "Block", "LPF", "SCAB", "weights", "epochs", "PSNR", "SSIM", "map IoU")
    lines = [_line(*heads, "paper: PSNR", "SSIM")]
    for row, ours in zip(TABLE_3, measured, strict=True):
        ticks = ("x" if part else "." for part in row.parts.values())
        figures = ("-",) * 5
        if ours is not None:
            figures = (
                f"{ours.parameters:,}",
                f"{ours.epochs}",
                f"{ours.psnr:.2f}",
                f"{ours.ssim:.4f}",
                f"{ours.parsing_iou:.4f}",
            )
        lines.append(_line(row.letter, *ticks, *figures, f"{row.psnr:.2f}", f"{row.ssim:.4f}"))
    return "\n".join(lines)


def _line(*words: str) -> str:
    widths = (3, 5, 3, 4, 9, 6, 5, 6, 7, 11, 6)
    return "  ".join(f"{word:>{width}}" for word, width in zip(words, widths, strict=True))
