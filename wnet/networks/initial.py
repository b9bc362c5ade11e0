"""Initial weights, other than PyTorch's, that several networks use."""

from torch import nn


def draw_kaiming(network: nn.Module) -> None:
    """Set He's normal weights (fan-in, gain of ReLU) and zero biases in every convolution."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)
            _clear_bias(layer)


def draw_narrow(network: nn.Module) -> None:
    """Set normal weights of deviation 0.02, around 0 in convolutions and around 1 in BatchNorms.

    Biases are zero.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d):
            nn.init.normal_(layer.weight, float(isinstance(layer, nn.BatchNorm2d)), 0.02)
            _clear_bias(layer)


def _clear_bias(layer: nn.Module) -> None:
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
