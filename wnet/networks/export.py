"""A network as a file for torch.export, checked against the network itself."""

from pathlib import Path

import torch

from wnet.networks.network import Network


def export(network: Network, lr_side: int, out: Path, tolerance: float) -> float:
    """Write the network for batches of any length and (3, lr_side, lr_side) faces.

    Returns the largest difference between the file's output and the network's, over a batch of 1
    and one of 3. Raises ValueError, and leaves no file, where that is more than `tolerance`.
    """
    example = torch.rand(2, 3, lr_side, lr_side, generator=torch.Generator().manual_seed(1))
    batch = torch.export.Dim("batch", min=1, max=65536)
    program = torch.export.export(network.eval(), (example,), dynamic_shapes=({0: batch},))
    part = out.with_name(f".{out.stem}.part.pt2")
    try:
        torch.export.save(program, part)
        difference = _difference(network, part, lr_side)
        if not difference <= tolerance:
            raise ValueError(f"{out}: differs from the network by {difference}, over {tolerance}")
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return difference


@torch.no_grad()
def _difference(network: Network, path: Path, lr_side: int) -> float:
    loaded = torch.export.load(path).module()
    largest = 0.0
    for batch in (1, 3):
        faces = torch.rand(batch, 3, lr_side, lr_side, generator=torch.Generator().manual_seed(2))
        theirs = loaded(faces)
        for name, ours in network(faces).items():
            largest = max(largest, (ours - theirs[name]).abs().max().item())
    return largest
