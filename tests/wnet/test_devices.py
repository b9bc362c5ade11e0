"""No tensor of a network or a loss remains on the CPU if the rest is on a GPU.

FakeTensorMode computes only shapes and devices, so no GPU is needed, except for a backward pass.
The inputs and outputs of every operation must be on the GPU.
"""

import sys
from pathlib import Path

import pytest
import torch
from batches import batch_of
from network_configs import TINY, changed
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from pipeline.settings import params
from wnet.identity.adaface import IResNet
from wnet.networks.by_name import build, objective_of
from wnet.networks.wnet.objective import WNetObjective
from wnet.networks.wnet.settings import Loss
from wnet.training.vgg import VGGFeatures

CARD, BATCHES = torch.device("cuda:0"), (1, 4)
RUNS = params.load().runs
ADVERSARIAL = ("srgan", "fsrgan", "dicgan")  # based on a run, and taught otherwise
PLAIN = Loss(pixel_norm="l2", pixel=1.0, parsing=1.0, key_regions=0.1, perceptual=0.0)
TAUGHT = {
    name: (run.model.network, run.model, run.loss)
    for name, run in RUNS.items()
    if run.based_on is None or name in ADVERSARIAL
} | {
    "without parsing block": ("wnet", changed(TINY, use_parsing_block=False), PLAIN),
    "without lpf": ("wnet", changed(TINY, use_lpf=False), changed(PLAIN, key_regions=0.0)),
    "without scab": ("wnet", changed(TINY, use_scab=False), changed(PLAIN, pixel_norm="l1")),
    "all else": (
        "wnet",
        changed(
            TINY, parsing_activation="sigmoid", parsing_channels=1, skip="none", scab_in_fusion=True
        ),
        changed(PLAIN, perceptual=0.1),
    ),
}


class Elsewhere(AssertionError):
    """A tensor that is not on the GPU."""


class AllOnCard(TorchDispatchMode):
    """Raises Elsewhere at the first operation with an input or output that is not on the GPU."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = func(*args, **(kwargs or {}))
        for tensor in tree_leaves((args, kwargs, given)):
            if isinstance(tensor, Tensor) and tensor.device != CARD:
                raise Elsewhere(f"{line()}: {func} has {tuple(tensor.shape)} on {tensor.device}")
        return given


def line() -> str:
    """The line of this project that is running."""
    frame = sys._getframe(2)
    while "/torch/" in frame.f_code.co_filename:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def on_card(network: nn.Module) -> nn.Module:
    """Replaces `.to("cuda")`, which cannot replace fake weights in place."""
    for module in network.modules():
        for held in (module._parameters, module._buffers):
            for name, value in held.items():
                if value is not None:
                    held[name] = value.data.to(CARD).requires_grad_(value.requires_grad)
    return network


def faces(batch: int, *shape: int) -> Tensor:
    return torch.rand(batch, *shape, device=CARD)


@pytest.mark.parametrize("scale", [4, 8])
@pytest.mark.parametrize("name", TAUGHT)
def test_what_a_training_computes_stays_on_the_card(name, scale, monkeypatch):
    monkeypatch.setattr(VGGFeatures, "load", lambda features, path: features)
    kind, model, loss = TAUGHT[name]
    with FakeTensorMode():
        network = on_card(build(kind, model, scale))
        files = dict.fromkeys(loss.files(), Path("none"))
        objective = on_card(objective_of(kind, model, loss, scale, 128, files))
        for count in BATCHES[kind == "sisn" :]:  # SISN cannot train on one face
            hr, lr = faces(count, 3, 128, 128), faces(count, 3, 128 // scale, 128 // scale)
            batch = batch_of(hr, lr, classes=faces(count, 128, 128).byte())
            for done in (0.0, 1.0):
                objective.enter(done)
                with AllOnCard():
                    made = objective.made(network, batch)
                    terms = objective(made, batch)
                    if objective.judging:
                        terms |= objective.judge(made["sr"].detach(), batch)
                assert terms["total"].requires_grad
                assert set(objective.weights) <= set(terms)
                assert {term.device for term in terms.values()} == {CARD}
            assert made["sr"].shape == hr.shape


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
    masks = WNetObjective._key_regions
    monkeypatch.setattr(
        WNetObjective, "_key_regions", lambda loss, *given: masks(loss, *(t.cpu() for t in given))
    )
    with FakeTensorMode():
        made = {"sr": faces(1, 3, 8, 8), "parsing": faces(1, 3, 2, 2)}
        objective, batch = WNetObjective(PLAIN, None), batch_of(faces(1, 3, 8, 8))
        said = r"aten\._to_copy\.default has \(1, 3, 8, 8\) on cpu"
        with pytest.raises(Elsewhere, match=said), AllOnCard():
            objective(made, batch)
