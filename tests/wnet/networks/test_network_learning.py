"""W-Net in training: gradients everywhere, the same result every time, errors that fall."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from batches import batch_of
from network_configs import TINY, changed
from torch import Tensor, nn

from wnet.networks.blocks import ChannelGate, Downsampler, enlarge
from wnet.networks.wnet.config import Config
from wnet.networks.wnet.network import WNet
from wnet.networks.wnet.objective import WNetObjective
from wnet.networks.wnet.settings import Loss

pytestmark = pytest.mark.usefixtures("one_thread")
WEIGHTS = Loss(pixel_norm="l2", pixel=1.0, parsing=1.0, key_regions=0.1, perceptual=0.0)
VARIANTS = {
    "paper": {},
    "sigmoid": {"parsing_activation": "sigmoid", "parsing_channels": 1, "residual_blocks": 2},
    "no skips": {"skip": "none"},
    "three levels": {"levels": 3},
    "no parsing block": {"use_parsing_block": False},
    "no lpf": {"use_lpf": False},
    "no scab": {"use_scab": False},
    "scab in fusion": {"scab_in_fusion": True},
}


def build(config: Config) -> WNet:
    torch.manual_seed(0)
    return WNet(config, 4)


def train_once(network: WNet, side: int = 16) -> dict[str, Tensor]:
    """Gradients of one backward pass of the whole loss, by parameter name."""
    torch.manual_seed(1)
    made = network.train()(torch.rand(2, 3, side, side))
    sr = made["sr"]
    classes = torch.randint(0, 19, (2, *sr.shape[2:]))
    hr, skin = torch.rand_like(sr), torch.rand(2, 1, side, side)
    WNetObjective(WEIGHTS, None)(made, batch_of(hr, skin_lr=skin, classes=classes))[
        "total"
    ].backward()
    return {name: parameter.grad for name, parameter in network.named_parameters()}


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_gradients_reach_every_parameter(changes: dict) -> None:
    network = build(changed(TINY, **changes))
    # The squeeze of a gate this narrow can be off for every input, which would hide it here.
    for module in network.modules():
        if isinstance(module, ChannelGate):
            nn.init.ones_(module.squeeze.bias)
    # BatchNorm removes what a bias right before it adds, so that bias has no gradient.
    absorbed = {module[1].bias for module in network.modules() if isinstance(module, Downsampler)}
    gradients = train_once(network)
    for name, parameter in network.named_parameters():
        assert gradients[name] is not None, name
        largest = gradients[name].abs().max()
        assert largest < 1e-5 if parameter in absorbed else 0 < largest < torch.inf, name


def test_bicubic_residual_starts_at_bicubic_and_then_learns_everywhere() -> None:
    network, lr = build(changed(TINY, global_residual="bicubic")), torch.rand(2, 3, 16, 16)
    assert torch.equal(network(lr)["sr"], enlarge(lr, 4))
    first = train_once(network)
    assert first["tail.weight"].abs().max() > 0  # a tail of zeros lets nothing behind it learn,
    assert first["decoder.0.resample.0.weight"].abs().max() == 0  # but only in the first step
    assert first["parsing.head.weight"].abs().max() > 0
    nn.init.constant_(network.tail.weight, 1e-3)
    network.zero_grad()
    assert train_once(network)["decoder.0.resample.0.weight"].abs().max() > 0


def test_the_same_seed_gives_the_same_gradients() -> None:
    first, second = (train_once(build(TINY)) for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_memory_format_and_autocast_change_only_the_rounding() -> None:
    network, lr = build(TINY).eval(), torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        wanted = network(lr)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rounded = network(lr)
        network.to(memory_format=torch.channels_last)
        reordered = network(lr)
    assert wanted.keys() == {"sr", "parsing"}
    for name, exact in wanted.items():
        torch.testing.assert_close(reordered[name], exact, rtol=1e-4, atol=1e-5)
        assert 0 < (rounded[name] - exact).abs().max() < 0.1 * exact.std()


def draw_faces() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Two 64 px faces of ellipses: hr (2, 3, 64, 64), lr, skin_lr (2, 1, 16, 16), classes."""
    y, x = np.mgrid[:64, :64]
    colours = {1: (0.8, 0.6, 0.5), 2: (0.3, 0.2, 0.1), 4: (0.2, 0.3, 0.6), 11: (0.7, 0.2, 0.2)}
    faces, classes = np.full((2, 64, 64, 3), 0.1, np.float32), np.zeros((2, 64, 64), np.uint8)
    for index, (left, top) in enumerate([(30, 34), (36, 28)]):
        parts = [(1, 0, 0, 20, 26), (2, -9, -10, 6, 2), (2, 9, -10, 6, 2), (4, -9, -5, 4, 2)]
        for part, dx, dy, a, b in [*parts, (4, 9, -5, 4, 2), (11, 0, 13, 8, 3)]:
            inside = ((x - left - dx) / a) ** 2 + ((y - top - dy) / b) ** 2 <= 1
            faces[index][inside], classes[index][inside] = colours[part], part
    hr, classes = torch.from_numpy(faces).permute(0, 3, 1, 2), torch.from_numpy(classes)
    lr, skin = (F.avg_pool2d(image, 4) for image in (hr, (classes == 1)[:, None].float()))
    return hr, lr, skin, classes


def learn_two_faces(config: Config, steps: int) -> list[dict[str, float]]:
    """The loss terms of every step, by name."""
    hr, lr, skin, classes = draw_faces()
    network, history = build(config).train(), []
    batch = batch_of(hr, skin_lr=skin, classes=classes)
    loss, optimizer = WNetObjective(WEIGHTS, None), torch.optim.Adam(network.parameters(), lr=6e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        terms = loss(network(lr), batch)
        terms["total"].backward()
        optimizer.step()
        history.append({name: term.item() for name, term in terms.items()})
    return history


def test_two_faces_are_learnt_from_nothing() -> None:
    history = learn_two_faces(TINY, 45)
    assert history[-1]["total"] < history[0]["total"] / 15
    assert history[-1]["pixel"] < draw_faces()[0].var() / 5  # no constant colour does this
    assert history[-1]["parsing"] < draw_faces()[2].var() / 5


def test_two_faces_are_learnt_beyond_bicubic() -> None:
    history = learn_two_faces(changed(TINY, global_residual="bicubic"), 30)
    hr, lr, _, _ = draw_faces()
    bicubic = F.mse_loss(enlarge(lr, 4), hr).item()
    assert history[0]["pixel"] == pytest.approx(bicubic, rel=1e-5)
    assert history[-1]["pixel"] < 0.6 * bicubic
