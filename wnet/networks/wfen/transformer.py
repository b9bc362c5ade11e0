"""WFEN's full-domain transformer. Maps are (B, C, H, W)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wnet.networks.blocks import ChannelLayerNorm, conv


def _widen(before: int, after: int) -> nn.Sequential:
    """A 1x1 convolution, then a depthwise 3x3 convolution, without bias."""
    return nn.Sequential(
        conv(before, after, 1, bias=False), conv(after, after, 3, groups=after, bias=False)
    )


class WindowAttention(nn.Module):
    """Attention between all channels, in windows of `window` by `window` pixels.

    If shifted, the map is rolled towards its origin by half a window and back. With a window of 1
    it is rolled by 1 and not back, as in the paper's code, so that the result moves by one pixel.
    """

    def __init__(self, channels: int, window: int, shifted: bool) -> None:
        super().__init__()
        self.window = window
        self.there, self.back = (-window // 2, window // 2) if shifted else (0, 0)
        self.temperature = nn.Parameter(torch.ones(1))
        self.query_key_value = _widen(channels, 3 * channels)
        self.project = conv(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        rolled = x.roll((self.there, self.there), (2, 3))
        query, key, value = self._windows(self.query_key_value(rolled)).chunk(3, -1)
        query, key = F.normalize(query, dim=-1), F.normalize(key, dim=-1)
        weights = torch.relu((query * self.temperature).mT @ key)  # (..., C, C)
        attended = self._image(value @ weights)
        return self.project(attended).roll((self.back, self.back), (2, 3))

    def _windows(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, H / window, W / window, window * window, C)."""
        windows = x.unflatten(3, (-1, self.window)).unflatten(2, (-1, self.window))
        return windows.permute(0, 2, 4, 3, 5, 1).flatten(3, 4)

    def _image(self, windows: Tensor) -> Tensor:
        """The inverse of `_windows`."""
        pixels = windows.unflatten(3, (self.window, self.window)).permute(0, 5, 1, 3, 2, 4)
        return pixels.flatten(4, 5).flatten(2, 3)


class GlobalAttention(nn.Module):
    """Attention between the channels of a head over the whole map; heads interleave after it."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.temperature = nn.Parameter(torch.ones(1))
        self.query_key_value = _widen(channels, 3 * channels)
        self.project = conv(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        by_head = self.query_key_value(x).unflatten(1, (3, self.heads, -1)).flatten(4)
        query, key, value = by_head.unbind(1)  # (B, heads, D, H * W)
        query, key = F.normalize(query, dim=-1), F.normalize(key, dim=-1)
        weights = torch.relu(query @ key.mT * self.temperature)  # (B, heads, D, D)
        attended = (weights @ value).transpose(1, 2)  # (B, D, heads, H * W)
        return self.project(attended.reshape(x.shape))


class FeedForward(nn.Module):
    """Restormer's feed-forward network: one half of 2 * 2.66 C channels gates the other."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = int(2.66 * channels)
        self.widen = _widen(channels, 2 * hidden)
        self.narrow = conv(hidden, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, value = self.widen(x).chunk(2, 1)
        return self.narrow(F.gelu(gate) * value)


class AttentionThenFeedForward(nn.Module):
    """feed_forward(y + x) + y, where y = attention(x); both normalize their input."""

    def __init__(self, channels: int, attention: nn.Module) -> None:
        super().__init__()
        self.attention = nn.Sequential(ChannelLayerNorm(channels), attention)
        self.feed_forward = nn.Sequential(ChannelLayerNorm(channels), FeedForward(channels))

    def forward(self, x: Tensor) -> Tensor:
        y = self.attention(x)
        return self.feed_forward(y + x) + y


class FullDomainTransformer(nn.Sequential):
    """Attention in windows, then over the whole map."""

    def __init__(self, channels: int, heads: int, window: int, shifted: bool) -> None:
        super().__init__(
            AttentionThenFeedForward(channels, WindowAttention(channels, window, shifted)),
            AttentionThenFeedForward(channels, GlobalAttention(channels, heads)),
        )
