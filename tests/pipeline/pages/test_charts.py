"""The charts of losses: the terms of the total, and terms that are only logged."""

import pytest

from pipeline.pages.charts import learning_charts

TRAINING = {"best_epoch": 2, "loss_weights": {"pixel": 1.0, "adversarial": 0.25}}


@pytest.fixture
def curves(tmp_path):
    """A function that puts the series of a training of two epochs."""

    def put(**series):
        series |= {"validation/psnr": (20, 21), "learning_rate": (0.1, 0.1)}
        for name, values in series.items():
            path = tmp_path / f"{name}.tsv"
            path.parent.mkdir(exist_ok=True)
            rows = "".join(f"{epoch}\t{value}\n" for epoch, value in enumerate(values, 1))
            path.write_text(f"step\t{path.stem}\n{rows}")
        return tmp_path

    return put


def test_terms_of_a_discriminator_are_neither_in_the_total_nor_key_regions(curves):
    folder = curves(**{
        "train/total": (0.5, 0.25), "train/pixel": (0.75, 0.375), "train/adversarial": (-1, -0.5),
        "train/discriminator_hr": (0.5, 0.25),
    })  # fmt: skip
    found = {figure.stem: figure for figure in learning_charts(folder, TRAINING)}
    assert list(found) == ["loss", "other_terms", "psnr", "learning_rate"]
    whole = found["loss"].chart
    assert [curve.label for curve in whole.curves] == ["total", "pixel", "0.25 × adversarial"]
    total, *terms = (curve.y for curve in whole.curves)
    assert total.tolist() == sum(terms).tolist() == [500, 250]
    assert (whole.logarithmic, whole.y_label) == (False, "loss × 1000")  # one term is below 0
    assert [curve.label for curve in found["other_terms"].chart.curves] == ["discriminator hr"]
    assert found["other_terms"].caption == "Measured in training, not part of the total"


def test_losses_above_zero_are_on_a_logarithmic_axis_that_says_so(curves):
    folder = curves(**{
        "train/total": (0.5, 0.25), "train/pixel": (0.5, 0.25), "train/eyes": (0.5, 0.25),
    })  # fmt: skip
    found = {figure.stem: figure.chart for figure in learning_charts(folder, TRAINING)}
    assert list(found) == ["loss", "regions", "psnr", "learning_rate"]
    for stem in ("loss", "regions"):
        assert (found[stem].logarithmic, found[stem].y_label) == (True, "loss × 1000, logarithmic")
