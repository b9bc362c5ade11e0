"""PSNR and SSIM: ours compared with a loop with an 11 x 11 filter; both equal scikit-image's.

python benchmarks/metric_rates.py
"""

import click
import cv2
import numpy as np
from interleaved import rates, report, save
from skimage.metrics import structural_similarity

from pipeline.harness.environment import keep_freed_memory
from wnet.metrics.images import psnr, ssim

C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


@click.command()
@click.option("--faces", default=200, show_default=True, help="Of 128 x 128 pixels.")
@click.option("--rounds", default=7, show_default=True)
def main(faces: int, rounds: int) -> None:
    """Score FACES faces by the protocol rgb, which needs no luma, as in the stage `quality`."""
    keep_freed_memory()
    random = np.random.default_rng(1)
    hr = random.integers(0, 256, (faces, 128, 128, 3), np.uint8)
    sr = np.clip(hr + random.normal(0, 9, hr.shape), 0, 255).astype(np.uint8)
    cv2.setNumThreads(1)
    ours = ssim(sr, hr, "rgb", 4)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    theirs = [
        structural_similarity(x, y, channel_axis=2, data_range=255, **options)
        for x, y in zip(sr[:20], hr[:20], strict=True)
    ]
    worst = np.abs(ours[:20] - theirs).max()
    click.echo(f"SSIM differs from scikit-image's by at most {worst:.1e}")
    assert worst < 1e-6
    assert np.abs(ours - by_filter2d(sr, hr)).max() < 1e-6
    ways = {
        "filter2D": lambda: by_filter2d(sr, hr),
        "ours": lambda: ssim(sr, hr, "rgb", 4),
        "ours, PSNR": lambda: psnr(sr, hr, "rgb", 4),
    }
    measured = rates(ways, faces, rounds)
    save("metric_rates", [report("SSIM, RGB", measured, {("ours", "filter2D"): 2.0})])


def by_filter2d(sr: np.ndarray, hr: np.ndarray) -> np.ndarray:
    """SSIM as most repositories compute it: image by image, channel by channel, five filters."""
    kernel = cv2.getGaussianKernel(11, 1.5)
    window = kernel @ kernel.T
    scores = np.empty(len(hr))
    for row, pair in enumerate(zip(sr.astype(np.float64), hr.astype(np.float64), strict=True)):
        channels = []
        for x, y in zip(np.moveaxis(pair[0], 2, 0), np.moveaxis(pair[1], 2, 0), strict=True):
            means = [cv2.filter2D(plane, -1, window)[5:-5, 5:-5] for plane in (x, y)]
            squares = [cv2.filter2D(plane, -1, window)[5:-5, 5:-5] for plane in (x * x, y * y)]
            product = cv2.filter2D(x * y, -1, window)[5:-5, 5:-5]
            mean_x, mean_y = means
            similarity = (2 * mean_x * mean_y + C1) * (2 * (product - mean_x * mean_y) + C2)
            variances = squares[0] - mean_x**2 + squares[1] - mean_y**2
            similarity /= (mean_x**2 + mean_y**2 + C1) * (variances + C2)
            channels.append(similarity.mean())
        scores[row] = np.mean(channels)
    return scores


if __name__ == "__main__":
    main()
