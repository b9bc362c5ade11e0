"""The self- and channel-attention block (eq. 20 and 21).

Every map is (B, C, H, W); D = C / heads is the channels of one head, N = H * W its pixels.
"""

import torch
from torch import Tensor, nn

from wnet.networks.blocks import ChannelGate, ChannelLayerNorm, conv

SMALLEST_NORM = 1e-12  # prevents a division by zero if a query or key is zero everywhere


class MDTA(nn.Module):
    """Multi-head attention between channels, not pixels (Restormer; eq. 21).

    The paper's "channel-level context" and four heads suggest it; attention between the pixels of a
    128 px map would need 16384 * 16384 weights per head. Convolutions have no bias.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.qkv = nn.Conv2d(channels, 3 * channels, 1, bias=False)
        self.depthwise = nn.Conv2d(
            3 * channels, 3 * channels, 3, padding=1, groups=3 * channels, bias=False
        )
        self.project = nn.Linear(channels, channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        pixels = self.depthwise(self.qkv(x)).flatten(2).mT  # (B, N, 3C)
        query, key, value = pixels.chunk(3, dim=2)  # (B, N, C); copies nothing if channels_last
        mixing = self._mixing(self._weights(query, key)).to(value.dtype)
        return (value @ mixing.mT).mT.unflatten(2, x.shape[2:])

    def _weights(self, query: Tensor, key: Tensor) -> Tensor:
        """Softmax over the cosines of a head's channels: (B, heads, D, D), float32."""
        with torch.autocast(query.device.type, enabled=False):
            query, key = query.float(), key.float()
            by_head = (self.heads, -1)
            # All pairs of channels in one product, of which a head keeps its own; dividing these
            # by the norms costs less than normalizing the maps.
            pairs = (query.mT @ key).unflatten(2, by_head).unflatten(1, by_head)
            products = pairs.diagonal(dim1=1, dim2=3).permute(0, 3, 1, 2)  # (B, heads, D, D)
            query_norms = torch.linalg.vector_norm(query, dim=1).clamp_min(SMALLEST_NORM)
            key_norms = torch.linalg.vector_norm(key, dim=1).clamp_min(SMALLEST_NORM)
            cosines = (
                products
                / query_norms.unflatten(1, by_head)[..., :, None]
                / key_norms.unflatten(1, by_head)[..., None, :]
            )
            return torch.softmax(cosines * self.temperature.float(), dim=-1)

    def _mixing(self, weights: Tensor) -> Tensor:
        """Attention and projection combined into one matrix per image: (B, C, C), float32.

        Both are linear in the value, so the large map is multiplied once, not twice.
        """
        with torch.autocast(weights.device.type, enabled=False):
            project = self.project.weight.float().unflatten(1, (self.heads, -1))  # (C, heads, D)
            return torch.einsum("ohq,bhqk->bohk", project, weights).flatten(2)


class ChannelAttentionBody(nn.Module):
    """RCAN's conv-ReLU-conv and channel attention, without its skip (eq. 20)."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.convs = nn.Sequential(
            conv(channels, channels, 3), nn.ReLU(), conv(channels, channels, 3)
        )
        self.gate = ChannelGate(channels, reduction)

    def forward(self, x: Tensor) -> Tensor:
        x = self.convs(x)
        return x * self.gate(x)


class RCAB(nn.Module):
    """RCAN's block, x + body(x), which replaces the SCAB in the ablation (Table 3)."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.body = ChannelAttentionBody(channels, reduction)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class SCAB(nn.Module):
    """Self-attention after RCAN's body, inside one skip (eq. 20 and 21).

    The paper does not say how the two attentions are arranged; serial with a residual each,
    x + y + MDTA(LayerNorm(y)) with y = body(x), is our choice. There is no feed-forward part.
    """

    def __init__(self, channels: int, reduction: int, heads: int) -> None:
        super().__init__()
        self.body = ChannelAttentionBody(channels, reduction)
        self.norm = ChannelLayerNorm(channels)
        self.attention = MDTA(channels, heads)

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x)
        return x + y + self.attention(self.norm(y))
