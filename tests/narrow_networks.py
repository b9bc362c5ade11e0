"""Every network, narrow and shallow enough for quick tests."""

import torch
from network_checks import published
from network_configs import TINY, changed

from wnet.networks.by_name import build
from wnet.networks.network import Network

CHANGES = {
    "dic": {
        "width": 4,
        "groups": 2,
        "steps": 2,
        "fusion_blocks": 1,
        "hourglass_width": 8,
        "hourglass_depth": 2,
        "discriminator_channels": (4, 4, 4, 4),
    },
    "edsr": {"width": 4, "blocks": 1},
    "fsrnet": {
        "width": 4,
        "prior_width": 8,
        "coarse_blocks": 1,
        "encoder_blocks": 1,
        "prior_blocks": 1,
        "hourglasses": 1,
        "hourglass_depth": 2,
        "decoder_blocks": 1,
    },
    "mrrnet": {"width": 4, "blocks": 1},
    "sisn": {"width": 8, "groups": 1, "blocks": 1},
    "sparnet": {"width": 4, "blocks": 1},
    "srcnn": {"channels": (8, 4)},
    "srresnet": {"width": 4, "blocks": 1},
    "ufsrnet": {"width": 4},
    "vdsr": {"width": 8, "depth": 3},
    "wfen": {"width": 4, "blocks": 2},
    "wipa": {"width": 8},
}
WNET = changed(
    TINY,
    hourglass_depth=1,
    encoder_depth=1,
    decoder_factors=(2, "scale"),
    levels=1,
    global_residual="bicubic",
)


def narrow(name: str, scale: int) -> Network:
    """The network in eval mode, with weights and running averages like those after training."""
    torch.manual_seed(1)
    network = (
        build("wnet", WNET, scale)
        if name == "wnet"
        else published(name, scale, **CHANGES.get(name, {}))
    )
    with torch.no_grad():
        for weights in network.parameters():
            weights += torch.randn_like(weights) * 0.05
        side = network.config.lr_sides(scale)[0]
        network.train()(torch.rand(4, 3, 2 * side, 2 * side))
    return network.eval()
