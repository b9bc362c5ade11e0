"""The architecture of W-Net: sizes of its maps, parameters of its layers, impossible choices."""

import pytest
import torch
from network_configs import PAPER, TINY, changed
from torch import nn

from wnet.networks.wnet.config import Config
from wnet.networks.wnet.network import WNet

pytestmark = pytest.mark.usefixtures("one_thread")
A2 = changed(TINY, decoder_factors=("scale", 2, 2, 2))
B4 = changed(TINY, decoder_factors=(2, 2, 2, 2), encoder_depth=2)


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def conv_count(in_channels: int, out_channels: int, kernel: int) -> int:
    return out_channels * (in_channels * kernel**2 + 1)


@pytest.mark.parametrize(
    ("config", "scale", "lr_side", "fusion", "encoder", "decoder"),
    [
        (TINY, 8, 16, [32, 64, 128, 64, 32, 16], [8, 4, 2], [4, 8, 16, 128]),
        (TINY, 4, 32, [64, 128, 64, 32], [16, 8, 4], [8, 16, 32, 128]),
        (TINY, 4, 16, [32, 64, 32, 16], [8, 4, 2], [4, 8, 16, 64]),
        (changed(TINY, levels=3), 4, 16, [32, 64, 128, 64, 32, 16], [8, 4, 2], [4, 8, 16, 64]),
        (A2, 4, 32, [64, 128, 64, 32], [16, 8, 4], [16, 32, 64, 128]),
        (B4, 4, 32, [64, 128, 64, 32], [16, 8], [16, 32, 64, 128]),
    ],
)
def test_every_step_has_the_paper_s_size(
    config: Config, scale: int, lr_side: int, fusion: list, encoder: list, decoder: list
) -> None:
    network, sides = WNet(config, scale), []
    for step in (*network.fusion, *network.encoder, *network.decoder):
        step.register_forward_hook(lambda module, inputs, output: sides.append(output.shape[2:]))
    made = network(torch.rand(1, 3, lr_side, lr_side))  # a batch of one, in train mode
    assert sides == [(side, side) for side in (*fusion, *encoder, *decoder)]
    assert made["sr"].shape == (1, 3, scale * lr_side, scale * lr_side)
    assert made["parsing"].shape == (1, 3, lr_side, lr_side)


@pytest.mark.parametrize(
    ("config", "scale", "sources"),
    [
        (TINY, 8, "encoder.1 encoder.0 fusion.5 fusion.2"),
        (B4, 4, "encoder.0 fusion.3 fusion.2 fusion.1"),
    ],
)
def test_decoder_steps_see_the_latest_map_of_their_size(config, scale, sources) -> None:
    network, inputs, outputs = WNet(config, scale), [], {}
    for name, step in network.named_modules():
        step.register_forward_hook(lambda module, ins, out, name=name: outputs.update({name: out}))
    for step in network.decoder:
        step.register_forward_hook(lambda module, ins, out: inputs.append(ins[1]))
    network(torch.rand(1, 3, 16, 16))
    assert all(x is outputs[name] for x, name in zip(inputs, sources.split(), strict=True))


def test_parameter_counts_are_the_sums_of_the_paper_s_layers() -> None:
    network, conv = WNet(PAPER, 8), conv_count
    gate_64, gate_128 = conv(64, 4, 1) + conv(4, 64, 1), conv(128, 8, 1) + conv(8, 128, 1)
    bottleneck = conv(64, 32, 1) + conv(32, 32, 3) + conv(32, 64, 1)
    gathered = conv(352, 22, 1) + conv(22, 352, 1) + conv(2, 1, 7) + conv(352, 64, 1)
    scales = conv(64, 64, 1) + conv(64, 32, 3) + conv(64, 32, 5) + conv(64, 32, 3)
    parsing = conv(3, 64, 3) + 2 * conv(64, 64, 3) + 13 * bottleneck + scales
    parsing += conv(128, 128, 3) + gathered + conv(64, 3, 3)
    lpf = 2 * conv(64, 64, 3) + conv(3, 64, 3) + gate_128 + conv(2, 1, 7)
    lpf += conv(128, 64, 1) + conv(64, 64, 1)
    mdta = 64 * 192 + 192 * 9 + 64 * 64 + 4
    scab = 2 * conv(64, 64, 3) + gate_64 + 2 * 64 + mdta
    up, down = conv(64, 256, 3) + 128, conv(256, 64, 3) + 128
    assert (parsing, lpf, up, down, scab) == (530_556, 90_347, 147_840, 147_648, 92_680)
    assert (count(network.parsing), count(network.fusion[0].fusion)) == (parsing, lpf)
    assert [count(step.resample) for step in network.fusion] == [up] * 3 + [down] * 3
    assert [count(step.resample) for step in network.decoder] == [up, up, up, 3 * up]
    assert count(network.decoder[3].attention) == count(network.encoder[0].attention) == 2 * scab
    ends = conv(6, 64, 3) + 4 * conv(128, 64, 1) + conv(64, 3, 3)
    total = parsing + ends + 9 * lpf + 9 * up + 6 * down + 14 * scab
    assert count(network) == total == 4_895_922
    x4_total = total - 2 * lpf - up - down - up  # a level less, and a last step of x4, not x8
    assert count(WNet(PAPER, 4)) == x4_total == 4_271_900
    changes = {  # at scale 4: the replacement for what each switch of Table 3 removes
        "use_parsing_block": conv(3, 64, 3) + conv(64, 64, 3) + conv(64, 3, 3) - parsing,
        "use_lpf": 7 * (conv(67, 64, 3) - lpf),
        "use_scab": -14 * (2 * 64 + mdta),
    }
    for key, change in changes.items():
        assert count(WNet(changed(PAPER, **{key: False}), 4)) == x4_total + change
    assert count(WNet(changed(PAPER, scab_in_fusion=True), 4)) == x4_total + 8 * scab
    assert count(WNet(changed(PAPER, skip="none"), 4)) == x4_total - 4 * conv(128, 64, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"width": 6}, r"(?s)width.*multiple of 4"),
        (
            {"attention_heads": 3},
            r"width is 8; allowed: multiples of 6 \(of 2 and of attention_heads, 3\)",
        ),
        ({"parsing_channels": 2}, "(?s)parsing_channels.*1 or 3"),
        ({"parsing_activation": "tanh"}, "(?s)parsing_activation.*'sigmoid'"),
        ({"skip": True}, "(?s)skip.*'size_matched'"),
        ({"global_residual": "nearest"}, "(?s)global_residual.*'bicubic'"),
        ({"levels": 0}, "(?s)levels.*greater than or equal to 1"),
        ({"hourglass_depth": 0}, "(?s)hourglass_depth.*greater than or equal to 1"),
        ({"encoder_depth": 2}, "decoder_factors .* enlarge 32 times, .* need 16 times"),
        ({"decoder_factors": (2, 2, 2, 2)}, "enlarge 16 times, .* need 32 times"),
        ({"decoder_factors": (2, 2, 3, "scale")}, "(?s)decoder_factors.*2, 4, 8, 16 or 'scale'"),
        ({"decoder_factors": (2, 2, 2, "size")}, "(?s)decoder_factors.*2, 4, 8, 16 or 'scale'"),
    ],
)
def test_impossible_choices_are_refused(changes: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        changed(TINY, **changes).check(4, 16)


def test_lr_sides_that_cannot_be_halved_are_refused() -> None:
    for side in (16, 32, 48):
        TINY.check(4, side)
    with pytest.raises(ValueError, match=r"LR side of 24 px .* possible: 16, 32, 48, \.\.\. px"):
        TINY.check(4, 24)
    with pytest.raises(ValueError, match=r"LR side of 8 px .* hourglass_depth 4"):
        WNet(TINY, 4)(torch.rand(1, 3, 16, 8))
    assert changed(TINY, encoder_depth=5, decoder_factors=(8, 4, "scale")).lr_side_multiple == 32
    assert changed(TINY, use_parsing_block=False).lr_side_multiple == 8  # no hourglass


def test_the_graph_is_compiled_whole() -> None:
    network, lr = WNet(TINY, 4).eval(), torch.rand(1, 3, 16, 16)
    compiled = torch.compile(network, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(lr), network(lr))
