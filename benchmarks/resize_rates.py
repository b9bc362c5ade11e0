"""Our bicubic on batches compared with Pillow, picture by picture, with the same pixels.

python benchmarks/resize_rates.py
"""

import click
import numpy as np
from interleaved import rates, report, save
from PIL import Image

from wnet.data.resize import bicubic

GOALS = {4: 1.5, 8: 2.0}


@click.command()
@click.option("--faces", default=1024, show_default=True, help="Of 128 x 128 pixels.")
@click.option("--rounds", default=7, show_default=True)
def main(faces: int, rounds: int) -> None:
    """Reduce FACES faces by 4 and by 8."""
    hr = np.random.default_rng(1).integers(0, 256, (faces, 128, 128, 3), np.uint8)
    tables = []
    for scale, goal in GOALS.items():
        side = 128 // scale

        def pillow(side: int = side) -> np.ndarray:
            small = (
                Image.fromarray(face).resize((side, side), Image.Resampling.BICUBIC) for face in hr
            )
            return np.stack([np.asarray(face) for face in small])

        def ours(side: int = side) -> np.ndarray:
            return bicubic(hr, side, side)

        assert np.array_equal(ours(), pillow()), "other pixels than Pillow's"
        measured = rates({"pillow": pillow, "ours": ours}, faces, rounds)
        title = f"x{scale}: faces of 128 px to {side} px, identical pixels"
        tables.append(report(title, measured, {("ours", "pillow"): goal}))
    save("resize_rates", tables)


if __name__ == "__main__":
    main()
