"""The residual networks IR-18, IR-50 and IR-101 in the layout of AdaFace's checkpoints.

Names and order of the layers are those of
https://github.com/mk-minchul/AdaFace/blob/master/net.py
"""

from collections.abc import Iterable

from torch import Tensor, nn

BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 14, 3), 101: (3, 13, 30, 3)}
_WIDTHS = (64, 128, 256, 512)


class Residual(nn.Module):
    """Two convolutions beside a shortcut; the second one has the stride."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        if inputs == outputs:
            self.shortcut_layer: nn.Module = nn.MaxPool2d(1, stride)  # every second pixel
        else:
            self.shortcut_layer = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.PReLU(outputs),
            nn.Conv2d(outputs, outputs, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.res_layer(x) + self.shortcut_layer(x)


class IResNet(nn.Module):
    """Faces (B, 3, 112, 112) to vectors (B, 512), whose length reflects the image quality."""

    def __init__(self, depth: int):
        super().__init__()
        self.input_layer = nn.Sequential(
            nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.PReLU(64)
        )
        blocks, inputs = [], 64
        for width, count in zip(_WIDTHS, BLOCKS[depth], strict=True):
            for number in range(count):
                blocks.append(Residual(inputs, width, 1 if number else 2))
                inputs = width
        self.body = nn.Sequential(*blocks)
        self.output_layer = nn.Sequential(
            nn.BatchNorm2d(512),
            nn.Dropout(0.4),
            nn.Flatten(),
            nn.Linear(512 * 7 * 7, 512),
            nn.BatchNorm1d(512, affine=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.output_layer(self.body(self.input_layer(x)))


def depth_of(names: Iterable[str]) -> int:
    """The depth of the network with these names of weights; raises ValueError if none has them."""
    blocks = {int(name.split(".")[1]) for name in names if name.startswith("body.")}
    for depth, counts in BLOCKS.items():
        if len(blocks) == sum(counts):
            return depth
    raise ValueError(
        f"{len(blocks)} blocks `body.*`, where AdaFace's IR-18, 50, 101 have 8, 24, 49"
    )
