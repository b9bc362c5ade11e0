"""The table of scores, from which stages, metrics, pages and model cards are made."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from wnet.metrics.faces import (
    cosine_similarity,
    identified,
    landmark_distances,
    margin_to_impostors,
    nme,
)
from wnet.metrics.images import psnr, ssim

STAGES = ("quality", "landmarks", "identity")
REMARKS = {
    "dic": "Y in whole levels, a border of {scale} px cut off",
    "sparnet": "Y truncated to whole levels, the whole picture",
    "rgb": "red, green and blue, the whole picture",
    "alex": "by the features of AlexNet",
    "vgg": "by the features of VGG-16",
    "squeeze": "by the features of SqueezeNet",
}
"""A remark for each protocol and each network of LPIPS."""


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """The input of the scores of `quality`: `sr` and `hr`, both (N, H, W, 3) uint8 RGB.

    Attributes:
        scale: the factor by which `sr` was enlarged.
        lpips: loads LPIPS with a network, by its name; the result is a function of `sr` and `hr`.
    """

    sr: np.ndarray
    hr: np.ndarray
    scale: int
    lpips: Callable[[str], Callable[[np.ndarray, np.ndarray], np.ndarray]]


@dataclass(frozen=True, kw_only=True)
class Points:
    """The input of the scores of `landmarks`: (N, 68, 2) in pixels, NaN if no face was found.

    Attributes:
        missed: (N,) bool, whether the detector finds no face in the SR picture.
        failure: the NME above which a face counts as a failure.
    """

    sr: np.ndarray
    hr: np.ndarray
    missed: np.ndarray
    failure: float


@dataclass(frozen=True, kw_only=True)
class Identities:
    """The input of the scores of `identity`: (N, D) embeddings, NaN if there is no face."""

    sr: np.ndarray
    hr: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Score:
    """A score per face: its name, how it is shown and how it is computed.

    Attributes:
        key: its name in tables and metrics.
        stage: the stage that computes it.
        digits: decimals on pages.
        remark: what else a reader has to know about it, in a few words.
        measures: a sentence for readers who do not know it.
        headline: whether it is among the main scores, in metrics/ and in the tiles and tables of
            the pages.
        counted: whether its sum over the faces is reported instead of its mean.
        by: the key of `quality` in params.yaml that lists its variants.
        variant: one entry of that list; None in the table.
        measure: (N,) from the Pictures, Points or Identities of its stage; with `by`, the variant
            is its second argument.
    """

    key: str
    stage: Literal["quality", "landmarks", "identity"]
    title: str
    unit: str = ""
    digits: int
    higher_is_better: bool
    remark: str = ""
    measures: str = ""
    headline: bool = False
    counted: bool = False
    by: Literal["protocols", "lpips"] | None = None
    variant: str | None = None
    measure: Callable[..., np.ndarray]

    @property
    def column(self) -> str:
        """The second part of its column names in tables, after the method."""
        return f"{self.variant}_{self.key}" if self.variant else self.key

    @property
    def label(self) -> str:
        """The title, with the variant."""
        return f"{self.title} ({self.variant})" if self.variant else self.title

    @property
    def heading(self) -> str:
        """The label, with the unit."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    def meaning(self, scale: int | None = None) -> str:
        """What it measures, with the remark on its protocol or network; scale: of the faces."""
        if self.variant is None or scale is None:
            return self.measures
        return f"{self.measures} By {self.variant}: {REMARKS[self.variant].format(scale=scale)}."

    def of(self, compared: Pictures | Points | Identities) -> np.ndarray:
        """The score of each face, (N,); NaN for a face without one."""
        return self.measure(compared, self.variant) if self.by else self.measure(compared)


SCORES = (
    Score(
        key="psnr",
        stage="quality",
        by="protocols",
        title="PSNR",
        unit="dB",
        digits=2,
        measures=(
            "Peak signal-to-noise ratio: how small the squared error of the pixels is, on a "
            "logarithmic scale. Half the error is 3 dB more."
        ),
        higher_is_better=True,
        headline=True,
        measure=lambda faces, protocol: psnr(faces.sr, faces.hr, protocol, faces.scale),
    ),
    Score(
        key="ssim",
        stage="quality",
        by="protocols",
        title="SSIM",
        digits=4,
        measures=(
            "Structural similarity: how well brightness, contrast and structure agree in "
            "small windows; 1 is the same picture."
        ),
        higher_is_better=True,
        headline=True,
        measure=lambda faces, protocol: ssim(faces.sr, faces.hr, protocol, faces.scale),
    ),
    Score(
        key="lpips",
        stage="quality",
        by="lpips",
        title="LPIPS",
        digits=4,
        measures=(
            "Learned perceptual similarity: how far apart two pictures are in the features of "
            "a network for object recognition; 0 is the same picture."
        ),
        higher_is_better=False,
        headline=True,
        measure=lambda faces, net: faces.lpips(net)(faces.sr, faces.hr),
    ),
    Score(
        key="landmark_distance",
        stage="landmarks",
        title="Landmark distance",
        unit="px",
        digits=2,
        measures=(
            "How far 68 points of the face move from the original to the enlarged face: the "
            "L2 norm of all 68 distances."
        ),
        higher_is_better=False,
        remark="L2 norm over 68 points",
        headline=True,
        measure=lambda points: np.linalg.norm(landmark_distances(points.sr, points.hr), axis=1),
    ),
    Score(
        key="mean_px",
        stage="landmarks",
        title="Mean distance",
        unit="px",
        digits=3,
        higher_is_better=False,
        remark="of the 68 points",
        measure=lambda points: landmark_distances(points.sr, points.hr).mean(axis=1),
    ),
    Score(
        key="nme",
        stage="landmarks",
        title="NME",
        digits=4,
        higher_is_better=False,
        remark="by the outer eye corners",
        measure=lambda points: nme(points.sr, points.hr),
    ),
    Score(
        key="failed",
        stage="landmarks",
        title="Failures",
        digits=0,
        higher_is_better=False,
        remark="faces with a high NME",
        counted=True,
        measure=lambda points: ~(nme(points.sr, points.hr) <= points.failure),
    ),
    Score(
        key="missed",
        stage="landmarks",
        title="Missed",
        digits=0,
        higher_is_better=False,
        remark="faces the detector misses",
        counted=True,
        measure=lambda points: points.missed,
    ),
    Score(
        key="identity_similarity",
        stage="identity",
        title="Identity similarity",
        digits=4,
        measures=(
            "The cosine between the embeddings that a network for face recognition makes of "
            "the original and of the enlarged face; 1 is the same."
        ),
        higher_is_better=True,
        remark="cosine",
        headline=True,
        measure=lambda faces: cosine_similarity(faces.sr, faces.hr),
    ),
    Score(
        key="identified",
        stage="identity",
        title="Identified",
        digits=3,
        measures=("The share of faces whose nearest original, of all test faces, is their own."),
        higher_is_better=True,
        remark="share nearest to their own original of all test faces (rank 1)",
        measure=lambda faces: identified(faces.sr, faces.hr),
    ),
    Score(
        key="identity_margin",
        stage="identity",
        title="Margin to impostors",
        digits=4,
        measures=(
            "How much more similar an enlarged face is to its own original than to the "
            "nearest other one."
        ),
        higher_is_better=True,
        remark="cosine above that of the nearest other original",
        measure=lambda faces: margin_to_impostors(faces.sr, faces.hr),
    ),
)


def scores_of(stage: str, variants: Mapping[str, Sequence[str]]) -> list[Score]:
    """The scores of a stage in all of their variants; those of one variant are neighbours.

    variants: for each value of `by`, the list of variants.
    """
    rows = [score for score in SCORES if score.stage == stage]
    return [
        replace(score, variant=variant)
        for by in dict.fromkeys(score.by for score in rows)
        for variant in (variants[by] if by else (None,))
        for score in rows
        if score.by == by
    ]


def headline(scores: Iterable[Score]) -> list[Score]:
    """The main scores, each in its first variant."""
    first = {score.key: score for score in reversed(list(scores)) if score.headline}
    return list(first.values())[::-1]
