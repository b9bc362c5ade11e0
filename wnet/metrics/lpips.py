"""LPIPS (Zhang et al., CVPR 2018): the perceptual distance of two images of a face."""

import warnings
from pathlib import Path

import numpy as np
import torch

from wnet.weights.checkpoints import fill, part, read_state

_AT_ONCE = 32  # faces per pass; limits the memory


class LPIPSDistance:
    """LPIPS with the trunk `alex`, `vgg` or `squeeze`, with torchvision's ImageNet weights.

    version: of the linear heads, which the package lpips contains.
    """

    def __init__(self, net: str, version: str, trunk: Path, device: str):
        from lpips import LPIPS

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package uses the API of torchvision of 2021
            # pnet_rand prevents a download of the trunk, whose weights come from the file
            network = LPIPS(net=net, version=version, pnet_rand=True, verbose=False)
        features = part(read_state(trunk), "features.")
        # the package splits torchvision's layers into slices: slice2.3.weight is features.3.weight
        names = {name: name.split(".", 1)[1] for name in network.net.state_dict()}
        used = {name: features[layer] for name, layer in names.items() if layer in features}
        fill(network.net, used, trunk)
        self._network, self._device = network.eval().to(device), device

    @torch.inference_mode()
    def __call__(self, sr: np.ndarray, hr: np.ndarray) -> np.ndarray:
        """The distance of each pair of (N, H, W, 3) uint8 RGB images: (N,) float64, 0 if equal.

        Raises ValueError for images smaller than 32 pixels, too small for `alex` and `squeeze`.
        """
        if min(hr.shape[1:3]) < 32:
            raise ValueError(f"LPIPS needs 32 x 32 pixels or more, got {hr.shape[1:3]}")
        distances = np.empty(len(hr))
        for start in range(0, len(hr), _AT_ONCE):
            block = slice(start, start + _AT_ONCE)
            pair = [self._as_seen(images[block]) for images in (sr, hr)]
            distances[block] = self._network(*pair).flatten().cpu().numpy()
        return distances

    def _as_seen(self, images: np.ndarray) -> torch.Tensor:
        batch = torch.from_numpy(np.ascontiguousarray(images)).to(self._device)
        return batch.permute(0, 3, 1, 2).float() / 127.5 - 1
