"""WFEN (Li et al., arXiv 2407.19768). Maps are (B, C, H, W)."""

import torch
from torch import Tensor, nn

from wnet.networks.blocks import conv, enlarge
from wnet.networks.haar import haar, inverse_haar
from wnet.networks.network import Network
from wnet.networks.wfen.config import Config
from wnet.networks.wfen.transformer import FullDomainTransformer


def _refine(channels: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        conv(channels, channels, kernel), nn.ReLU(), conv(channels, channels, kernel)
    )


def _low_and_high(x: Tensor) -> tuple[Tensor, Tensor]:
    """The means of blocks of 2x2 pixels, and the sum of the three wavelet details, scaled alike."""
    approximation, *details = haar(x)
    return approximation / 2, sum(details) / 2


class WaveletDown(nn.Module):
    """(B, before, H, W) to two maps (B, after, H/2, W/2): low and high frequencies."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.widen = conv(before, after, 1)
        self.refine = _refine(after, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low, high = _low_and_high(self.widen(x))
        return low, self.refine(high)


class WaveletUp(nn.Module):
    """A large map (B, large, 2H, 2W) and a small one (B, small, H, W) to a large one.

    As in the paper's code, the high frequencies of the large map become the approximation of the
    result, and the low frequencies of both maps its details.
    """

    def __init__(self, large: int, small: int) -> None:
        super().__init__()
        both = large + small
        self.refine = _refine(large, 3)
        self.merge = nn.Sequential(conv(both, both, 1), nn.ReLU(), conv(both, 3 * large, 1))

    def forward(self, large: Tensor, small: Tensor) -> Tensor:
        low, high = _low_and_high(large)
        details = self.merge(torch.cat((small, low), 1)).chunk(3, 1)
        return 2 * inverse_haar(self.refine(high), *details)


class Body(nn.Module):
    """Enlarged images, (B, 3, H, W) from -1 to 1, to SR ones; H and W are multiples of 32."""

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        half, quarter = 2 * width, 4 * width
        transformer = FullDomainTransformer
        self.head = conv(3, width, 3)
        self.encoder = nn.ModuleList(
            [
                nn.Sequential(*[transformer(width, 4, 8, shifted=False) for _ in range(2)]),
                transformer(half, 4, 4, shifted=True),
                transformer(quarter, 8, 2, shifted=False),
            ]
        )
        self.down = nn.ModuleList(
            [WaveletDown(width, half), WaveletDown(half, quarter), WaveletDown(quarter, quarter)]
        )
        self.middle = nn.Sequential(
            *(transformer(quarter, 8, 1, shifted=number % 2 == 1) for number in range(blocks))
        )
        self.up = nn.ModuleList(
            [WaveletUp(quarter, quarter), WaveletUp(half, quarter), WaveletUp(width, half)]
        )
        self.decoder = nn.ModuleList(
            [
                transformer(quarter, 8, 8, shifted=True),
                transformer(half, 4, 4, shifted=False),
                nn.Sequential(*[transformer(width, 4, 2, shifted) for shifted in (True, False)]),
            ]
        )
        self.tail = conv(width, 3, 3)

    def forward(self, image: Tensor) -> Tensor:
        first = x = self.head(image)
        kept, high = [], torch.zeros_like(x)
        for encode, down in zip(self.encoder, self.down, strict=True):
            kept.append(encode(x) + high)
            x, high = down(kept[-1])
        x = self.middle(x) + high
        for up, decode in zip(self.up, self.decoder, strict=True):
            x = decode(up(kept.pop(), x))
        return self.tail(x + first)


class WFEN(Network):
    """A U-Net of wavelets and transformers on the bicubic enlargement; `body` works on -1 to 1.

    There is no global residual. Initial weights are PyTorch's: with SPARNet's narrow ones, a WFEN
    of few channels hardly learns.
    """

    def __init__(self, config: Config, scale: int) -> None:
        super().__init__(config, scale)
        self.body = Body(config.width, config.blocks)

    def forward(self, lr: Tensor) -> dict[str, Tensor]:
        enlarged = 2 * enlarge(lr, self.scale) - 1
        return {"sr": (self.body(enlarged) + 1) / 2}


NETWORK = WFEN
