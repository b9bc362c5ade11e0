"""BiSeNet's parsing maps: facexlib's own call, and real masks class by class."""

import numpy as np
import pytest
import torch
from PIL import Image

from wnet.parsing.bisenet import BiSeNetParser
from wnet.parsing.classes import CELEBAMASK_TO_BISENET, CLASSES

pytestmark = pytest.mark.usefixtures("one_thread")
# IoU over the last 100 photographs by name, crops of 128 px seen at 224, measured once
REAL = {"skin": 0.849, "nose": 0.802, "hair": 0.801, "l_brow": 0.426, "r_brow": 0.417,
        "l_eye": 0.504, "r_eye": 0.486, "l_ear": 0.432, "r_ear": 0.395, "mouth": 0.608,
        "u_lip": 0.555, "l_lip": 0.627, "neck": 0.707}  # fmt: skip


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A file with facexlib's network of random weights, and that network."""
    from facexlib.parsing.bisenet import BiSeNet

    torch.manual_seed(5)
    network = BiSeNet(num_class=19).eval()
    path = tmp_path_factory.mktemp("weights") / "parsing_bisenet.pth"
    torch.save(network.state_dict(), path)
    return path, network


def test_maps_are_those_of_the_library_at_its_own_size(saved, random):
    path, network = saved
    faces = random.integers(0, 256, (2, 96, 96, 3), dtype=np.uint8)
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    batch = torch.from_numpy(((faces / 255 - mean) / deviation).transpose(0, 3, 1, 2)).float()
    with torch.no_grad():
        expected = network(batch)[0].argmax(dim=1).numpy()
    found = BiSeNetParser(path, 96, "cpu").parse(faces)
    assert found.dtype == np.uint8
    assert (found == expected).mean() > 0.999


def test_batches_do_not_change_a_map(saved, random, monkeypatch):
    faces = random.integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    parser = BiSeNetParser(saved[0], 96, "cpu")
    assert parser.at_once == 1
    monkeypatch.setattr(parser, "at_once", 32)  # as on a GPU
    together = parser.parse(faces)
    assert together.shape == (3, 64, 64)
    monkeypatch.setattr(parser, "at_once", 1)
    assert (parser.parse(faces) == together).mean() > 0.999


def test_a_checkpoint_of_another_shape_is_named(saved, tmp_path):
    state = saved[1].state_dict() | {"conv_out.conv_out.weight": torch.zeros(11, 256, 1, 1)}
    torch.save(state, tmp_path / "eleven.pth")
    with pytest.raises(ValueError, match=r"eleven\.pth: .*conv_out\.weight is \(11, 256, 1, 1\)"):
        BiSeNetParser(tmp_path / "eleven.pth", 96, "cpu")


@pytest.fixture(scope="module")
def real(real_data):
    """Maps and hand-made masks (100, 128, 128) of photographs that the network has not seen."""
    weights = real_data.parent / "weights/parsing_bisenet_224.pth"
    if not weights.is_file():
        pytest.skip(f"{weights} is not there")
    files = sorted((real_data / "celebamask/images").iterdir())[-100:]
    faces, masks = [], []
    for file in files:
        face = Image.open(file).convert("RGB").resize((128, 128), Image.Resampling.BICUBIC)
        mask = Image.open(real_data / f"celebamask/masks/{file.stem}.png")
        faces.append(np.asarray(face))
        masks.append(CELEBAMASK_TO_BISENET[np.asarray(mask)[2::4, 2::4]])
    return BiSeNetParser(weights, 224, "cpu").parse(np.stack(faces)), np.stack(masks)


def overlaps(maps, masks):
    """IoU of each class over all photographs, by its name."""
    scores = {}
    for number, name in enumerate(CLASSES):
        ours, theirs = maps == number, masks == number
        scores[name] = (ours & theirs).sum() / max((ours | theirs).sum(), 1)
    return scores


def test_real_faces_by_class(real):
    found = overlaps(*real)
    for name, expected in REAL.items():
        assert found[name] == pytest.approx(expected, abs=0.02), name


@pytest.mark.parametrize("pair", [("l_brow", "r_brow"), ("l_eye", "r_eye"), ("l_ear", "r_ear"),
                                  ("u_lip", "l_lip"), ("nose", "hair")])  # fmt: skip
def test_swapped_classes_would_be_detected(real, pair):
    maps, masks = real
    order = np.arange(len(CLASSES))
    one, other = (CLASSES.index(name) for name in pair)
    order[[one, other]] = other, one
    swapped = overlaps(order[maps], masks)
    assert all(swapped[name] < REAL[name] - 0.2 for name in pair)


def test_masks_read_in_the_wrong_order_would_be_detected(real):
    maps, masks = real
    back = np.argsort(CELEBAMASK_TO_BISENET)  # as if the masks counted like BiSeNet
    wrong = overlaps(maps, back[masks])
    assert sum(wrong[name] < REAL[name] - 0.2 for name in REAL) >= 10
