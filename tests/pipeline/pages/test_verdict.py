"""The verdict on a network: three verdicts, in order, coloured if there are enough faces."""

import pytest

from pipeline.pages.scores import Scores
from pipeline.pages.verdict import verdict_of
from wnet.metrics.paired import Paired


def paired(low, high, higher=True, faces=40):
    return Paired(higher_is_better=higher, faces=faces, difference=(low + high) / 2,
                  low=low, high=high, won=0.75, lost=0.25)  # fmt: skip


def scores(**of):
    """PSNR, SSIM, landmark distance and identity; a score without an entry in `of` is equal."""
    values = {"dic_psnr": 25.0, "dic_ssim": 0.5, "landmark_distance": 9.0,
              "identity_similarity": 0.75}  # fmt: skip
    both = {method: {} for method in ("sr", "bicubic")}
    quality = {key: {"psnr": {"dic": 25.0}, "ssim": {"dic": 0.5}} for key in both}
    return Scores(
        quality={"faces": 40, **quality},
        landmarks={key: {"landmark_distance": 9.0} for key in both},
        identity={key: {"identity_similarity": 0.75} for key in both},
        paired={
            column: of.get(column, paired(-0.5, 0.5, column != "landmark_distance"))
            for column in values
        },
    )


@pytest.mark.parametrize(
    ("of", "sentence"),
    [
        (
            {"dic_psnr": paired(1, 3), "landmark_distance": paired(0.1, 0.3, higher=False)},
            "On 40 faces, SRCNN is better than bicubic interpolation in PSNR (+2.00 dB, on 30 of 40"
            " faces); it is worse in landmark distance; no difference is seen in SSIM and identity"
            " similarity.",
        ),
        (
            {},
            "On 40 faces, no difference is seen between SRCNN and bicubic interpolation in PSNR"
            " (±0.00 dB, on 30 of 40 faces), SSIM, landmark distance and identity similarity.",
        ),
        (
            {"dic_ssim": paired(-2, -1, faces=20)},
            "On 40 faces, SRCNN is worse than bicubic interpolation in SSIM; no difference is seen"
            " in PSNR (±0.00 dB, on 30 of 40 faces), landmark distance and identity similarity."
            " Fewer than 30 faces are unreliable.",
        ),
    ],
)
def test_the_verdicts_are_in_one_sentence(of, sentence):
    parts = verdict_of("SRCNN", scores(**of))
    assert "".join(part.text for part in parts) == sentence
    tones = {part.text: part.tone for part in parts if part.tone}
    assert tones.pop("no difference is seen") == "equal"
    few = any(pair.few for pair in of.values())
    assert set(tones.values()) <= ({"equal"} if few else {"better", "worse"})
