"""No tensor of a network or a loss is left on the CPU where the rest is on a card.

FakeTensorMode computes shapes and devices alone, so no card is needed; a backward pass would need
one. Every operation is looked at: what it takes and gives must be on the card.
"""

import sys

import pytest
import torch
from network_configs import TINY, changed
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from pipeline.settings import params
from wnet.identity.adaface import IResNet
from wnet.networks.by_name import build
from wnet.training.losses import WNetLoss
from wnet.training.settings import LossWeights
from wnet.training.vgg import VGG19Features

CARD, BATCHES = torch.device("cuda:0"), (1, 4)
RUNS = params.load().runs
NETWORKS = {
    name: (run.model.network, run.model) for name, run in RUNS.items() if name != "wnet-mode2"
} | {
    "without parsing block": ("wnet", changed(TINY, use_parsing_block=False)),
    "without lpf": ("wnet", changed(TINY, use_lpf=False)),
    "without scab": ("wnet", changed(TINY, use_scab=False)),
    "all else": (
        "wnet",
        changed(
            TINY, parsing_activation="sigmoid", parsing_channels=1, skip="none", scab_in_fusion=True
        ),
    ),
}
PLAIN = LossWeights(pixel_norm="l2", pixel=1.0, parsing=1.0, key_regions=0.1, perceptual=0.0)
LOSSES = (
    changed(PLAIN, key_regions=0.0),
    PLAIN,
    changed(PLAIN, pixel_norm="l1"),
    changed(PLAIN, perceptual=0.1),
)


class Elsewhere(AssertionError):
    """A tensor that is not on the card."""


class AllOnCard(TorchDispatchMode):
    """Raises Elsewhere at the first operation that takes or gives a tensor that is elsewhere."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = func(*args, **(kwargs or {}))
        for tensor in tree_leaves((args, kwargs, given)):
            if isinstance(tensor, Tensor) and tensor.device != CARD:
                raise Elsewhere(f"{line()}: {func} has {tuple(tensor.shape)} on {tensor.device}")
        return given


def line() -> str:
    """The line of this project that is being run."""
    frame = sys._getframe(2)
    while "/torch/" in frame.f_code.co_filename:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def on_card(network: nn.Module) -> nn.Module:
    """What `.to("cuda")` does, which cannot exchange fake weights in their place."""
    for module in network.modules():
        for held in (module._parameters, module._buffers):
            for name, value in held.items():
                if value is not None:
                    held[name] = value.data.to(CARD).requires_grad_(value.requires_grad)
    return network


def faces(batch: int, *shape: int) -> Tensor:
    return torch.rand(batch, *shape, device=CARD)


@pytest.mark.parametrize("name", NETWORKS)
def test_forward_pass_and_losses_stay_on_the_card(name):
    with FakeTensorMode():
        network, features = on_card(build(*NETWORKS[name], 8)), on_card(VGG19Features())
        for batch in BATCHES[name == "sisn" :]:  # SISN cannot train on one face
            hr, skin = faces(batch, 3, 128, 128), faces(batch, 1, 16, 16)
            classes = faces(batch, 128, 128).byte()
            with AllOnCard():
                made = network(faces(batch, 3, 16, 16))
                sr, parsing = made["sr"], made.get("parsing")
                assert sr.shape == hr.shape
                assert sr.requires_grad
                for weights in LOSSES:
                    terms = WNetLoss(weights, features)(sr, parsing, hr, skin, classes)
                    assert ("perceptual" in terms) == (weights.perceptual > 0)
                    assert {term.device for term in terms.values()} == {CARD}


def fan() -> nn.Module:
    from face_alignment.models import FAN

    return FAN(4)


def s3fd() -> nn.Module:
    from face_alignment.detection.sfd.net_s3fd import s3fd

    return s3fd()


def bisenet() -> nn.Module:
    from facexlib.parsing.bisenet import BiSeNet

    return BiSeNet(num_class=19)


def arcface() -> nn.Module:
    from facexlib.recognition.arcface_arch import Backbone

    return Backbone(num_layers=50, drop_ratio=0.6, mode="ir_se")


@pytest.mark.parametrize(
    ("make", "side"),
    [(fan, 256), (s3fd, 256), (bisenet, 512), (arcface, 112), (lambda: IResNet(50), 112)],
    ids=["fan", "s3fd", "bisenet", "arcface", "ir50"],
)
def test_networks_of_evaluation_stay_on_the_card(make, side):
    with FakeTensorMode():
        network = on_card(make().eval())
        for batch in BATCHES:
            with AllOnCard(), torch.no_grad():
                network(faces(batch, 3, side, side))


@pytest.mark.parametrize("net", ["alex", "vgg", "squeeze"])
@pytest.mark.filterwarnings("ignore")
def test_lpips_stays_on_the_card(net):
    from lpips import LPIPS

    network = LPIPS(net=net, pnet_rand=True, verbose=False)
    with FakeTensorMode(allow_non_fake_inputs=True):
        on_card(network)
        with AllOnCard(), torch.no_grad():
            assert network(faces(4, 3, 64, 64), faces(4, 3, 64, 64)).shape == (4, 1, 1, 1)


class Planted(nn.Module):
    """A network with one mistake."""

    def __init__(self, mistake: str):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.mistake, self.offset = mistake, torch.zeros(3, 1, 1)

    def forward(self, lr: Tensor) -> Tensor:
        match self.mistake:
            case "none":
                return self.conv(lr)
            case "to the CPU and back":
                return self.conv(lr.cpu().to(lr.device))
            case "made on the CPU":
                return self.conv(lr) * torch.ones(3, 1, 1)
            case "no buffer":
                return self.conv(lr) + self.offset
            case "a scalar of the CPU":
                return self.conv(lr) * torch.tensor(2.0)


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("to the CPU and back", r"test_devices\.py:\d+: aten\._to_copy.* \(2, 3, 8, 8\) on cpu"),
        ("made on the CPU", r"test_devices\.py:\d+: aten\.ones.* \(3, 1, 1\) on cpu"),
        ("no buffer", "found at least two devices"),
        ("a scalar of the CPU", r"test_devices\.py:\d+: .* \(\) on cpu"),
    ],
)
def test_a_planted_mistake_is_found(mistake, said):
    with FakeTensorMode():
        right, wrong = on_card(Planted("none")), on_card(Planted(mistake))
        with AllOnCard():
            right(faces(2, 3, 8, 8))
            with pytest.raises((Elsewhere, RuntimeError), match=said):
                wrong(faces(2, 3, 8, 8))


def test_a_loss_with_a_mistake_is_found(monkeypatch):
    masks = WNetLoss._key_regions
    monkeypatch.setattr(
        WNetLoss, "_key_regions", lambda loss, *given: masks(loss, *(t.cpu() for t in given))
    )
    hr, skin, classes = (3, 8, 8), (1, 2, 2), (8, 8)
    with (
        pytest.raises(Elsewhere, match=r"aten\._to_copy\.default has \(1, 3, 8, 8\) on cpu"),
        FakeTensorMode(),
        AllOnCard(),
    ):
        WNetLoss(PLAIN, None)(
            faces(1, *hr), None, faces(1, *hr), faces(1, *skin), faces(1, *classes).byte()
        )
