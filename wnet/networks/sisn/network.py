"""SISN (Lu et al., arXiv 2010.11575). Maps are (B, C, H, W)."""

import torch
from torch import Tensor, nn

from wnet.networks.blocks import conv
from wnet.networks.network import Network
from wnet.networks.sisn.config import Config

MEAN = (0.4488, 0.4371, 0.4040)  # of RGB from 0 to 1
RADIX = 4


def _normalized(before: int, after: int, kernel: int, **options) -> list[nn.Module]:
    return [conv(before, after, kernel, bias=False, **options), nn.BatchNorm2d(after)]


class SplitAttention(nn.Module):
    """The sum of four maps of x, weighted per channel by a softmax (ResNeSt)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        many = RADIX * width
        self.split = nn.Sequential(*_normalized(width, many, 3, groups=RADIX), nn.ReLU())
        self.weigh = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            conv(width, width, 1),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            conv(width, many, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        maps = self.split(x).unflatten(1, (RADIX, -1))  # (B, RADIX, C, H, W)
        weights = self.weigh(maps.sum(1)).unflatten(1, (RADIX, -1)).softmax(1)
        return (maps * weights).sum(1)


class ISAB(nn.Module):
    """Internal-feature split attention: ReLU(x + body(x))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_normalized(width, width, 1),
            nn.ReLU(),
            SplitAttention(width),
            *_normalized(width, width, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


class Group(nn.Module):
    """External-internal split attention: a chain of blocks and a parallel one, summed."""

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        row = (ISAB(width) for _ in range(blocks))
        self.body = nn.Sequential(*row, conv(width, width, 3))
        self.beside = ISAB(width)

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + self.beside(x)


class Body(nn.Module):
    """LR faces (B, 3, r, r) to SR faces, both RGB from 0 to 255.

    The paper gathers blocks of scale * scale pixels of the LR face enlarged by nearest, which gives
    scale * scale copies of the LR face. The mean colour is fixed; the paper's code trains it.
    """

    mean: Tensor

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__()
        width, self.copies = config.width, scale**2
        self.register_buffer("mean", 255 * torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.head = conv(3 * self.copies, width, 3)
        groups = (Group(width, config.blocks) for _ in range(config.groups))
        self.groups = nn.Sequential(*groups, conv(width, width, 3))
        doublings: list[nn.Module] = []
        for _ in range(scale.bit_length() - 1):
            doublings += [conv(width, 4 * width, 3), nn.PixelShuffle(2)]
        self.tail = nn.Sequential(*doublings, conv(width, 3, 3))

    def forward(self, lr: Tensor) -> Tensor:
        features = self.head((lr - self.mean).repeat(1, self.copies, 1, 1))
        return self.tail(features + self.groups(features)) + self.mean


class SISN(Network):
    """Groups of split attention at the LR size, then a doubling for each factor of 2.

    Training needs at least two faces per batch, since a BatchNorm inside has one value per channel
    and face. In train mode, raises ValueError for a single face.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        self.body = Body(config, scale)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        if self.training and len(lr) == 1:
            raise ValueError("SISN cannot train on one face at a time; set train.batch to 2")
        return {"sr": self.body(255 * lr) / 255}


NETWORK = SISN
