"""The blocks of the network against their equations, evaluated without torch's layers."""

import numpy as np
import pytest
import torch
from scipy.signal import correlate2d
from scipy.special import expit
from torch import nn

from wnet.networks.blocks import ChannelGate, Downsampler, Upsampler
from wnet.networks.hourglass import Hourglass
from wnet.networks.wnet.lpf import LPF
from wnet.networks.wnet.parsing_block import ParsingBlock, bottleneck
from wnet.networks.wnet.scab import MDTA, RCAB, SCAB


def numpy_conv(layer: nn.Conv2d, x: np.ndarray) -> np.ndarray:
    """The layer's convolution of one map (C, H, W), channel by channel."""
    weight = layer.weight.detach().numpy()
    maps = [sum(correlate2d(x[i], w[i], mode="same") for i in range(len(x))) for w in weight]
    bias = np.zeros(len(weight)) if layer.bias is None else layer.bias.detach().numpy()
    return np.stack(maps) + bias[:, None, None]


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def channel_gate(gate: ChannelGate, x: np.ndarray) -> np.ndarray:
    mean = x.mean((1, 2))
    squeeze, excite = (layer.weight.detach().numpy()[:, :, 0, 0] for layer in gate.children())
    hidden = relu(squeeze @ mean + gate.squeeze.bias.detach().numpy())
    return expit(excite @ hidden + gate.excite.bias.detach().numpy())[:, None, None]


def attention_sum(block: nn.Module, x: np.ndarray) -> np.ndarray:
    pixels = expit(numpy_conv(block.spatial.weigh, np.stack((x.mean(0), x.max(0)))))
    return channel_gate(block.channel, x) * x + pixels * x


def assert_same(found: torch.Tensor, wanted: np.ndarray) -> None:
    np.testing.assert_allclose(found.detach().numpy(), wanted, rtol=1e-4, atol=2e-5)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(7)


def test_lpf_is_equations_9_to_11() -> None:
    block, features, parsing = LPF(8, 3, 4), torch.randn(2, 8, 6, 5), torch.rand(2, 3, 6, 5)
    for index, found in enumerate(block(features, parsing)):
        f, p = features[index].numpy(), parsing[index].numpy()
        image, guide = relu(numpy_conv(block.features, f)), relu(numpy_conv(block.parsing, p))
        both = attention_sum(block.attention, np.concatenate((image, guide)))
        w = expit(numpy_conv(block.pixel_attention, image + guide))
        merged = numpy_conv(block.adjust, both) + w * image + (1 - w) * guide
        assert_same(found, numpy_conv(block.merge, merged) + image + f)


def test_parsing_block_is_equations_2_to_8() -> None:
    block = ParsingBlock(
        width=4, parsing_channels=3, residual_blocks=2, hourglass_depth=3, attention_reduction=4
    )
    lr = torch.rand(1, 3, 8, 8)
    f0 = numpy_conv(block.head, lr[0].numpy())
    x = f0
    for residual in block.residual:
        x = x + numpy_conv(residual.body[2], relu(numpy_conv(residual.body[0], x)))
    f1 = block.hourglass(torch.from_numpy(x)[None].float())[0].detach().numpy()
    k = np.concatenate([numpy_conv(c, f1) for c in (block.scale_1, block.scale_3, block.scale_5)])
    assert [c.kernel_size[0] for c in (block.scale_1, block.scale_3, block.scale_5)] == [1, 3, 5]
    gathered = np.concatenate((numpy_conv(block.doubled, k), k, numpy_conv(block.halved, f1), f1))
    assert gathered.shape[0] == 8 + 8 + 2 + 4
    f2 = numpy_conv(block.adjust, attention_sum(block.attention, gathered)) + f0
    assert_same(block(lr)[0], numpy_conv(block.tail, f2))


def test_hourglass_pools_and_restores() -> None:
    block, x = Hourglass(1, 4, bottleneck, "nearest"), torch.randn(1, 4, 6, 4)
    pooled = x.numpy().reshape(1, 4, 3, 2, 2, 2).max((3, 5))
    small = block.after(block.centre(block.before(torch.from_numpy(pooled)))).detach().numpy()
    wanted = block.aside(x).detach().numpy() + small.repeat(2, axis=2).repeat(2, axis=3)
    assert_same(block(x), wanted)


def test_hourglass_centre_of_one_pixel_trains_on_a_batch_of_one() -> None:
    block, seen = Hourglass(4, 8, bottleneck, "nearest").train(), []
    block.centre.centre.centre.centre.register_forward_hook(lambda m, i, o: seen.append(o.shape))
    block(torch.randn(1, 8, 16, 16)).square().sum().backward()
    assert seen == [(1, 8, 1, 1)]
    assert all(p.grad.abs().sum() > 0 for p in block.parameters())


def naive_mdta(block: MDTA, x: np.ndarray) -> np.ndarray:
    """Head by head and pair by pair, for one map (C, H, W)."""
    channels, height, width = x.shape
    qkv = numpy_conv(block.qkv, x)
    kernels = block.depthwise.weight.detach().numpy()[:, 0]
    qkv = np.stack([correlate2d(m, k, mode="same") for m, k in zip(qkv, kernels, strict=True)])
    q, k, v = qkv.reshape(3, channels, height * width)
    size, out = channels // block.heads, np.zeros_like(v)
    for head in range(block.heads):
        mine = range(head * size, (head + 1) * size)
        for i in mine:
            cosines = [q[i] @ k[j] / np.linalg.norm(q[i]) / np.linalg.norm(k[j]) for j in mine]
            weights = np.exp(np.array(cosines) * block.temperature[head].item())
            out[i] = weights / weights.sum() @ v[list(mine)]
    return (block.project.weight.detach().numpy() @ out).reshape(x.shape)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_mdta_is_a_loop_over_heads_and_pairs(memory_format: torch.memory_format) -> None:
    block = MDTA(12, 3).to(memory_format=memory_format)
    nn.init.uniform_(block.temperature, 1, 9)
    x = torch.randn(2, 12, 5, 4).to(memory_format=memory_format)
    assert_same(block(x), np.stack([naive_mdta(block, image.numpy()) for image in x]))


def test_mdta_of_a_map_of_zeros_is_zero() -> None:
    block, x = MDTA(8, 4), torch.zeros(1, 8, 3, 3, requires_grad=True)
    found = block(x)
    found.sum().backward()
    assert torch.equal(found, torch.zeros_like(found))
    assert all(torch.isfinite(p.grad).all() for p in (x, *block.parameters()))


def test_scab_and_rcab_are_equations_20_and_21() -> None:
    scab, rcab, x = SCAB(8, 4, 4), RCAB(8, 4), torch.randn(1, 8, 6, 6)
    nn.init.uniform_(scab.norm.weight, 0.5, 2)
    nn.init.uniform_(scab.norm.bias, -1, 1)
    for block in (scab, rcab):
        image = x[0].numpy()
        y = numpy_conv(block.body.convs[2], relu(numpy_conv(block.body.convs[0], image)))
        y = y * channel_gate(block.body.gate, y)
        wanted = image + y
        if block is scab:
            normed = (y - y.mean(0)) / np.sqrt(y.var(0) + scab.norm.eps)
            scale, shift = (p.detach().numpy()[:, None, None] for p in scab.norm.parameters())
            wanted = wanted + naive_mdta(scab.attention, normed * scale + shift)
        assert_same(block(x)[0], wanted)


def test_up_and_down_move_pixels_as_published() -> None:
    up, down = Upsampler(3, 2), Downsampler(3)
    packed = torch.randn(2, 12, 4, 5)
    spread = up[1](packed)
    for channel, row, column in [(0, 0, 0), (1, 5, 3), (2, 7, 8)]:
        source = 4 * channel + 2 * (row % 2) + column % 2
        wanted = packed[:, source, row // 2, column // 2]
        assert torch.equal(spread[:, channel, row, column], wanted)
    assert torch.equal(down[0](spread), packed)


@pytest.mark.parametrize(("factor", "side"), [(2, 8), (4, 16), (8, 32)])
def test_up_chains_doublings_and_normalizes(factor: int, side: int) -> None:
    up = Upsampler(6, factor).train()
    found = up(torch.randn(3, 6, 4, 4))
    assert found.shape == (3, 6, side, side)
    assert_same(found.mean((0, 2, 3)), np.zeros(6))
    assert_same(found.var((0, 2, 3), correction=0), np.ones(6))
