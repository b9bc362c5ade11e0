"""Layers and functions that several networks share.

Every map is (B, C, H, W): batch, channels, height, width.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv(in_channels: int, out_channels: int, kernel: int, **options) -> nn.Conv2d:
    """A convolution whose padding keeps H and W (odd `kernel`); options as in nn.Conv2d."""
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, **options)


def reflecting(
    in_channels: int, out_channels: int, kernel: int, stride: int = 1, bias: bool = True
) -> nn.Conv2d:
    """A convolution with reflection padding; it keeps H and W, or halves them."""
    return nn.Conv2d(
        in_channels,
        out_channels,
        kernel,
        stride,
        padding=kernel // 2,
        padding_mode="reflect" if kernel > 1 else "zeros",
        bias=bias,
    )


def enlarge(lr: Tensor, scale: int) -> Tensor:
    """LR faces, RGB 0 to 1, enlarged by our bicubic (a = -0.5) and rounded to steps of 1/255.

    It is the only bicubic inside networks: the comparison networks were published with it, and
    PyTorch's (a = -0.75) is about 0.15 dB better than the bicubic images that scores refer to.
    """
    size = (scale * lr.shape[2], scale * lr.shape[3])
    x = F.interpolate(lr, size, mode="bicubic", align_corners=False, antialias=True).clamp(0, 1)
    return (x * 255).round() / 255


class ChannelLayerNorm(nn.LayerNorm):
    """LayerNorm over the channels of every pixel."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ChannelGate(nn.Module):
    """RCAN's channel attention: (B, C, H, W) to one weight in (0, 1) per channel, (B, C, 1, 1)."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.squeeze = conv(channels, hidden, 1)
        self.excite = conv(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean((2, 3), keepdim=True)  # (B, C, 1, 1)
        return torch.sigmoid(self.excite(torch.relu(self.squeeze(mean))))


class SpatialGate(nn.Module):
    """CBAM's spatial attention: (B, C, H, W) to one weight in (0, 1) per pixel, (B, 1, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        self.weigh = conv(2, 1, 7)

    def forward(self, x: Tensor) -> Tensor:
        summary = torch.cat((x.mean(1, keepdim=True), x.amax(1, keepdim=True)), 1)
        return torch.sigmoid(self.weigh(summary))


class ChannelSpatialAttention(nn.Module):
    """CA(x) + SA(x) of eq. 6 and eq. 10.

    Both attentions have the same input (stated in the paper); that they are summed, not chained, is
    our reading of eq. 6.
    """

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.channel = ChannelGate(channels, reduction)
        self.spatial = SpatialGate()

    def forward(self, x: Tensor) -> Tensor:
        return x * self.channel(x) + x * self.spatial(x)


class Upsampler(nn.Sequential):
    """The paper's Up module: (B, C, H, W) to (B, C, factor * H, factor * W), `factor` a power of 2.

    Doublings are chained. The paper names PixelShuffle and BatchNorm; the convolution between them
    and the lack of an activation are those of its predecessor FishFSRNet.
    """

    def __init__(self, channels: int, factor: int) -> None:
        layers: list[nn.Module] = []
        for _ in range(factor.bit_length() - 1):
            layers += [
                conv(channels, 4 * channels, 3),
                nn.PixelShuffle(2),
                nn.BatchNorm2d(channels),
            ]
        super().__init__(*layers)


class Downsampler(nn.Sequential):
    """The paper's Down module, invPixelShuffle and BatchNorm: (B, C, H, W) to (B, C, H/2, W/2)."""

    def __init__(self, channels: int) -> None:
        super().__init__(
            nn.PixelUnshuffle(2), conv(4 * channels, channels, 3), nn.BatchNorm2d(channels)
        )
