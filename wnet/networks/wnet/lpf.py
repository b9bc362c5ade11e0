"""The fusion of an image's features with its parsing map (eq. 9 to 11).

F is a feature map (B, C, H, W); P is the parsing map (B, P, H, W), already at the size of F.
"""

import torch
from torch import Tensor, nn

from wnet.networks.blocks import ChannelSpatialAttention, conv


class LPF(nn.Module):
    """F and P to fused features of the shape of F (eq. 9 to 11)."""

    def __init__(self, width: int, parsing_channels: int, attention_reduction: int) -> None:
        super().__init__()
        # "Three convolutional kernels" is read as 3x3 kernels, as in the predecessors' code.
        self.features = conv(width, width, 3)
        self.parsing = conv(parsing_channels, width, 3)
        self.attention = ChannelSpatialAttention(2 * width, attention_reduction)
        self.adjust = conv(2 * width, width, 1)  # not in the paper; the sum of eq. 11 needs it
        self.pixel_attention = conv(width, width, 1)
        self.merge = conv(width, width, 3)

    def forward(self, features: Tensor, parsing: Tensor) -> Tensor:
        image = torch.relu(self.features(features))  # eq. 9
        guide = torch.relu(self.parsing(parsing))  # eq. 9
        attended = self.adjust(self.attention(torch.cat((image, guide), 1)))  # eq. 10
        weight = torch.sigmoid(self.pixel_attention(image + guide))
        # "Weighted summation" (eq. 10): weight * image + (1 - weight) * guide; that the weights
        # add up to one is inferred from CGAFusion.
        weighted = torch.lerp(guide, image, weight)
        return self.merge(attended + weighted) + image + features  # eq. 11


class PlainFusion(nn.Module):
    """Replaces the LPF in the ablation (Table 3, "basic cascade"): concatenate, then convolve."""

    def __init__(self, width: int, parsing_channels: int) -> None:
        super().__init__()
        self.merge = conv(width + parsing_channels, width, 3)

    def forward(self, features: Tensor, parsing: Tensor) -> Tensor:
        return self.merge(torch.cat((features, parsing), 1))
