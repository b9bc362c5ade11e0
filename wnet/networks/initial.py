"""Initial values, other than PyTorch's, that several networks start from."""

from torch import nn


def draw_kaiming(network: nn.Module) -> None:
    """He's normal weights in every convolution (by its inputs, gain of a ReLU), biases of zero."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)
            _clear_bias(layer)


def draw_narrow(network: nn.Module) -> None:
    """Normal weights of deviation 0.02: of convolutions around 0, of BatchNorms around 1.

    Biases are zero.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d):
            nn.init.normal_(layer.weight, float(isinstance(layer, nn.BatchNorm2d)), 0.02)
            _clear_bias(layer)


def _clear_bias(layer: nn.Module) -> None:
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
