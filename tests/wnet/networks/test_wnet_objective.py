"""The losses against eq. 24 to 29 written out in numpy."""

from itertools import chain

import numpy as np
import pytest
import torch
from batches import batch_of
from network_configs import changed
from torch import Tensor, nn

from wnet.networks.wnet.objective import WNetObjective, region_masks
from wnet.networks.wnet.settings import Loss

REGIONS = {"eyes": [4, 5], "eyebrows": [2, 3], "nose": [10], "mouth": [11, 12, 13]}
PIXELS_ONLY = Loss(pixel_norm="l2", pixel=1.5, parsing=0.5, key_regions=0.25, perceptual=0.0)
WEIGHTS = changed(PIXELS_ONLY, perceptual=0.75)


def features() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.Dropout(0.5), nn.Conv2d(5, 4, 3, 2)
    )


def batch(classes_below: int = 19) -> dict[str, Tensor]:
    torch.manual_seed(5)
    return {
        "sr": torch.rand(2, 3, 16, 16, requires_grad=True),
        "parsing": torch.rand(2, 3, 4, 4, requires_grad=True),
        "hr": torch.rand(2, 3, 16, 16),
        "skin_lr": torch.rand(2, 1, 4, 4),
        "classes": torch.randint(0, classes_below, (2, 16, 16), dtype=torch.uint8),
    }


def scored(loss: WNetObjective, data: dict[str, Tensor]) -> dict[str, Tensor]:
    made = {name: data[name] for name in ("sr", "parsing")}
    wanted = {name: data[name] for name in ("skin_lr", "classes")}
    return loss(made, batch_of(data["hr"], **wanted))


def as_numpy(data: dict[str, Tensor]) -> list[np.ndarray]:
    return [value.detach().numpy().astype(np.float64) for value in data.values()]


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
def test_region_masks_hold_the_four_parts(dtype: torch.dtype) -> None:
    classes = torch.arange(19).view(1, 1, 19).expand(2, 3, 19).to(dtype)
    found = region_masks(classes)
    assert found.shape == (2, 4, 3, 19)
    for mask, ids in zip(found[1], REGIONS.values(), strict=True):
        assert mask[2].nonzero().flatten().tolist() == ids


def test_pixel_and_parsing_terms_are_mean_squared_errors() -> None:
    data = batch()
    sr, parsing, hr, skin, classes = as_numpy(data)
    terms = scored(WNetObjective(PIXELS_ONLY, None), data)
    parts = {
        name: np.mean((np.isin(classes, ids)[:, None] * (sr - hr)) ** 2)
        for name, ids in REGIONS.items()
    }
    wanted = {"pixel": np.mean((sr - hr) ** 2), "parsing": np.mean((parsing - skin) ** 2), **parts}
    wanted["key_regions"] = sum(parts.values())
    wanted["total"] = 1.5 * wanted["pixel"] + 0.5 * wanted["parsing"] + 0.25 * wanted["key_regions"]
    assert {name: term.item() for name, term in terms.items()} == pytest.approx(wanted, rel=1e-5)
    assert min(parts.values()) > 0


def test_key_regions_add_the_features_of_masked_images() -> None:
    data, network = batch(), features().eval()
    terms = scored(WNetObjective(WEIGHTS, network), data)
    plain = scored(WNetObjective(PIXELS_ONLY, None), data)
    distances = {}
    for name, ids in REGIONS.items():
        mask = torch.from_numpy(np.isin(data["classes"].numpy(), ids))[:, None].float()
        difference = network(data["sr"] * mask) - network(data["hr"] * mask)
        distances[name] = np.mean(difference.detach().numpy().astype(np.float64) ** 2)
        wanted = plain[name].item() + 0.75 * distances[name]
        assert terms[name].item() == pytest.approx(wanted, rel=1e-5)
    assert terms["perceptual"].item() == pytest.approx(sum(distances.values()), rel=1e-5)
    difference = terms["total"] - plain["total"]
    assert difference.item() == pytest.approx(0.25 * 0.75 * sum(distances.values()), rel=1e-4)


def test_gradients_reach_sr_and_parsing_but_not_the_feature_network() -> None:
    data, network = batch(), features()
    data["hr"].requires_grad_()
    grad_modes = []
    network.register_forward_hook(lambda m, i, out: grad_modes.append(out.requires_grad))
    loss = WNetObjective(WEIGHTS, network).train()
    assert not any(module.training for module in network.modules())
    scored(loss, data)["total"].backward()
    assert sorted(grad_modes) == [False, True]  # HR features need no graph, SR features do
    assert data["sr"].grad.abs().sum() > 0
    assert data["parsing"].grad.abs().sum() > 0
    assert all(p.grad is None and not p.requires_grad for p in network.parameters())
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.num_batches_tracked == 0


def test_key_regions_pull_only_their_own_pixels() -> None:
    data = batch()
    only_regions = changed(PIXELS_ONLY, pixel=0.0, parsing=0.0, key_regions=1.0)
    scored(WNetObjective(only_regions, None), data)["total"].backward()
    inside = np.isin(data["classes"].numpy(), [*chain(*REGIONS.values())])
    touched = (data["sr"].grad != 0).any(1).numpy()
    np.testing.assert_array_equal(touched, inside)


@pytest.mark.parametrize("perceptual", [0.0, 0.75])
def test_faces_without_key_regions_add_exactly_nothing(perceptual: float) -> None:
    data = batch(classes_below=2)  # background and skin alone
    weights = changed(PIXELS_ONLY, perceptual=perceptual)
    terms = scored(WNetObjective(weights, features()), data)
    for name in (*REGIONS, "key_regions"):
        assert terms[name].item() == 0
    terms["total"].backward()
    sr, _, hr, _, _ = as_numpy(data)
    np.testing.assert_allclose(data["sr"].grad, 1.5 * 2 * (sr - hr) / sr.size, rtol=1e-4)


def test_one_empty_region_leaves_the_others() -> None:
    data = batch()
    data["classes"][data["classes"] == 10] = 1
    terms = scored(WNetObjective(WEIGHTS, features()), data)
    assert terms["nose"].item() == 0
    assert terms["mouth"].item() > 0
    assert torch.isfinite(terms["total"])


def test_autocast_does_not_lower_the_precision() -> None:
    data, loss = batch(), WNetObjective(WEIGHTS, features())
    wanted = scored(loss, data)
    halves = {**data, "sr": data["sr"].bfloat16(), "parsing": data["parsing"].bfloat16()}
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found, rounded = scored(loss, data), scored(loss, halves)
    for name, term in wanted.items():
        assert found[name].dtype == rounded[name].dtype == torch.float32
        assert torch.equal(found[name], term)


def test_terms_without_weight_are_left_out() -> None:
    assert "perceptual" not in scored(WNetObjective(PIXELS_ONLY, features()), batch())


def test_impossible_losses_are_refused() -> None:
    with pytest.raises(ValueError, match=r"perceptual is 0\.75, but there is no feature network"):
        WNetObjective(WEIGHTS, None)
    for bad in (-0.1, float("nan"), float("inf")):
        with pytest.raises(
            ValueError, match=r"(?s)key_regions.*(greater than or equal to 0|finite)"
        ):
            changed(WEIGHTS, key_regions=bad)


def test_shares_separate_features_and_pixels_of_the_key_regions() -> None:
    loss = WNetObjective(WEIGHTS, features())
    means = {"pixel": 0.4, "parsing": 0.2, "key_regions": 1.2, "perceptual": 1.0}
    weighted = np.array([1.5 * 0.4, 0.5 * 0.2, 0.25 * (1.2 - 0.75), 0.25 * 0.75])
    found = loss.shares(means)
    assert list(found) == ["pixel", "parsing", "key_regions", "perceptual"]
    np.testing.assert_allclose(list(found.values()), weighted / weighted.sum())
