"""WIPA: every doubling also estimates the wavelet details it adds. Maps are (B, C, H, W)."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.networks.network import Network
from wnet.networks.wipa.config import Config

SLOPE = 0.1  # of every leaky ReLU


def _plain(in_channels: int, out_channels: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=False)


class Residual(nn.Module):
    """LReLU(x + BN(conv(LReLU(BN(conv(x))))))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _plain(width, width, 3),
            nn.BatchNorm2d(width),
            nn.LeakyReLU(SLOPE),
            _plain(width, width, 3),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x + self.body(x), SLOPE)


class Level(nn.Module):
    """Features (B, C, s, s) to features (B, C, 2s, 2s) and wavelet details (B, 9, s, s)."""

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*(Residual(width) for _ in range(blocks)))
        self.details = _plain(width, width, 3)
        self.wavelets = _plain(width, 9, 3)
        self.merge = _plain(2 * width, width, 1)
        self.doubling = nn.ConvTranspose2d(width, width, 4, stride=2, padding=1, bias=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.blocks(x)
        details = self.details(x)
        doubled = self.doubling(self.merge(torch.cat((x, details), 1)))
        return F.leaky_relu(doubled, SLOPE), self.wavelets(details)


class WIPA(Network):
    """A level for each doubling; the enlarged outputs of all levels are summed.

    In train mode it also returns `wavelets_2` (B, 9, R/2, R/2), `wavelets_4` (B, 9, R/4, R/4), ...:
    estimates of the HR face's Haar details, as in `objective.haar_packet`. Initial weights are
    PyTorch's, since the published initialization changes no layer.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        width = config.width
        self.head = nn.Sequential(_plain(3, width, 3), nn.BatchNorm2d(width), nn.LeakyReLU(SLOPE))
        doublings = range(scale.bit_length() - 1)
        self.levels = nn.ModuleList(Level(width, scale // 2**level) for level in doublings)
        self.tail = _plain(width, 3, 3)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        sr, wavelets = self.published(2 * lr - 1)
        made = {"sr": (sr + 1) / 2}
        if self.training:
            made |= {f"wavelets_{2**i}": maps for i, maps in enumerate(wavelets, 1)}
        return made

    def published(self, lr: Tensor) -> tuple[Tensor, list[Tensor]]:
        """LR faces, -1 to 1, to SR faces, -1 to 1, and wavelets, the largest maps first."""
        steps = list(self._steps(self.head(lr)))
        sides = tuple(self.scale * side for side in lr.shape[2:])
        *smaller, last = (features for features, _ in steps)
        # with aligned corners, as published, unlike every other enlargement here
        whole = [F.interpolate(x, sides, mode="bicubic", align_corners=True) for x in smaller]
        sr = torch.tanh(self.tail(sum(whole, start=last)))
        return sr, [wavelets for _, wavelets in reversed(steps)]

    def _steps(self, x: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        for level in self.levels:
            x, wavelets = level(x)
            yield x, wavelets


NETWORK = WIPA
