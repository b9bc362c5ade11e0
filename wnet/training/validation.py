"""Validation: scores of a network on faces that it is not trained on."""

import numpy as np
from torch import nn

from wnet.data.batches import Faces
from wnet.data.pixels import to_bytes
from wnet.metrics.faces import mask_iou
from wnet.metrics.images import psnr, ssim
from wnet.networks.network import upscale

AT_ONCE = 32  # faces per pass; no result depends on it


def validate(network: nn.Module, faces: Faces) -> dict[str, float]:
    """Means over the faces: `psnr` in dB and `ssim` (protocol dic), `parsing_iou` of skin maps.

    The last is missing if the network estimates no map. Leaves the network in eval mode.
    """
    network.eval()
    columns: dict[str, list[np.ndarray]] = {"psnr": [], "ssim": [], "parsing_iou": []}
    for batch in faces.batches(AT_ONCE):
        sr, parsing = upscale(network, batch.lr)
        scale = sr.shape[-1] // batch.lr.shape[-1]
        pair = [to_bytes(images) for images in (sr, batch.hr)]
        columns["psnr"].append(psnr(*pair, "dic", scale))
        columns["ssim"].append(ssim(*pair, "dic", scale))
        if parsing is not None:
            maps = [(skin.mean(dim=1) > 0.5).cpu().numpy() for skin in (parsing, batch.skin_lr)]
            columns["parsing_iou"].append(mask_iou(*maps))
    return {
        name: float(np.concatenate(values).mean()) for name, values in columns.items() if values
    }
