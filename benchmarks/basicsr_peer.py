"""BasicSR 1.4.2 compared with ours: training EDSR-baseline, and loading augmented pairs.

Theirs is `SRModel` with its EDSR, run as in `basicsr/train.py` and fed by its `PairedImageDataset`
from lmdb through a DataLoader without workers. It has its own process, since our memory settings
would speed it up too. Both start from the same weights, and the losses of the first steps on the
same faces are checked to agree. Rates are in CPU time of both processes, measured in turns. BasicSR
is installed into a separate folder, since it requires more packages than are needed here:

    pip install --no-deps --no-build-isolation --target PEER basicsr==1.4.2 lmdb addict yapf
    python benchmarks/basicsr_peer.py --peer PEER
"""

import logging
import multiprocessing
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType

import click
import cv2
import numpy as np
import torch
from interleaved import cpu_seconds, rates, report, save
from step_counts import objective_for, random_faces

from pipeline.harness import environment
from pipeline.settings import params
from wnet.data.faces_on_device import FacesOnDevice
from wnet.networks.by_name import build
from wnet.training.loop import Training
from wnet.training.processes import Processes

AGREEING = 3  # first steps, on one batch, whose losses are compared
SIDE = 128


@click.command()
@click.option("--peer", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--scale", default=8, show_default=True)
@click.option("--batch", default=16, show_default=True)
@click.option("--steps", default=2, show_default=True, help="In each turn.")
@click.option("--faces", default=512, show_default=True, help="That are loaded in each turn.")
@click.option("--rounds", default=7, show_default=True)
def main(peer: Path, scale: int, batch: int, steps: int, faces: int, rounds: int) -> None:
    """Train and load in turns with the BasicSR in the folder PEER."""
    device = environment.device()
    run = params.load().runs["edsr"]
    plan = run.train.model_copy(update={"batch": batch, "schedule": "constant"})
    torch.manual_seed(1)
    network = build("edsr", run.model, scale).to(device)
    weights = [value.detach().cpu().numpy().copy() for value in network.parameters()]
    held = random_faces(faces, scale, SIDE, device)
    ways = {}
    for name, precision in (("ours", "fp32"), ("ours, bf16", "bf16")):
        ways[name] = ours = Training(
            build("edsr", run.model, scale).to(device) if ways else network,
            objective_for(run, scale, SIDE),
            held,
            held,
            plan.model_copy(update={"precision": precision}),
            Path("/none"),
            Processes(),
            environment.execution(device, processes=1),
        )
    with tempfile.TemporaryDirectory() as folder:
        context = multiprocessing.get_context("spawn")
        pipe, theirs = context.Pipe()
        asked = (peer, Path(folder), weights, scale, batch, steps, faces, plan)
        process = context.Process(target=basicsr, args=(theirs, *asked), daemon=True)
        process.start()
        first = next(held.batches(batch))
        ours = ways["ours"]
        agree([ours.step(first)["total"].item() for _ in range(AGREEING)], pipe.recv())

        def ask(what: str) -> None:
            pipe.send(what)
            pipe.recv()

        def clock() -> float:
            return cpu_seconds(process.pid)

        turns = {name: endless(held, batch, plan.flip) for name in ways}
        training = {
            name: lambda own=own, turn=turns[name]: [own.step(next(turn)) for _ in range(steps)]
            for name, own in ways.items()
        }
        loading = {"ours": lambda: sum(len(each.hr) for each in whole(held, batch, plan.flip))}
        training["BasicSR"], loading["BasicSR"] = lambda: ask("train"), lambda: ask("load")
        title = (
            f"EDSR-baseline x{scale}, batch {batch}, {device}, {torch.get_num_threads()} threads"
        )
        goals = {("ours", "BasicSR"): 1.3, ("ours, bf16", "BasicSR"): 1.3}
        tables = [report(title, rates(training, batch * steps, rounds, clock), goals)]
        measured = rates(loading, faces, rounds, clock)
        pipe.send(None)
        title = "augmented pairs, BasicSR's from lmdb of PNG"
        tables.append(report(title, measured, {("ours", "BasicSR"): 3.0}))
        save("basicsr_peer", tables)


def whole(held: FacesOnDevice, batch: int, flip: bool, epoch: int = 0) -> Iterator:
    """One epoch of batches."""
    return held.shuffled(1, epoch, batch, flip, 0)


def endless(held: FacesOnDevice, batch: int, flip: bool) -> Iterator:
    """Batches, epoch after epoch."""
    epoch = 0
    while True:
        yield from whole(held, batch, flip, epoch)
        epoch += 1


def basicsr(
    pipe: Connection,
    peer: Path,
    folder: Path,
    weights: list[np.ndarray],
    scale: int,
    batch: int,
    steps: int,
    faces: int,
    plan,
) -> None:
    """BasicSR's part: first the losses to compare, then a turn of each kind requested by the
    pipe."""
    stand_in()
    sys.path.append(str(peer))
    from basicsr.data.paired_image_dataset import PairedImageDataset
    from basicsr.models.sr_model import SRModel
    from torch.utils.data import DataLoader

    logging.getLogger("basicsr").setLevel(logging.ERROR)
    held = random_faces(faces, scale, SIDE, "cpu")
    model = SRModel(options(scale, plan))
    with torch.no_grad():
        for value, own in zip(model.net_g.parameters(), weights, strict=True):
            value.copy_(torch.from_numpy(own))
    first = next(held.batches(batch))
    done = 0

    def step(data: dict) -> float:
        nonlocal done
        done += 1
        model.update_learning_rate(done, warmup_iter=-1)
        model.feed_data(data)
        model.optimize_parameters(done)
        return model.log_dict["l_pix"]

    pipe.send([step({"lq": first.lr, "gt": first.hr}) for _ in range(AGREEING)])
    dataset = PairedImageDataset(
        {
            "phase": "train",
            "scale": scale,
            "dataroot_lq": lmdb_of(folder / "lq.lmdb", held, "lr"),
            "dataroot_gt": lmdb_of(folder / "gt.lmdb", held, "hr"),
            "io_backend": {"type": "lmdb"},
            "gt_size": SIDE,
            "use_hflip": plan.flip,
            "use_rot": False,
        }
    )
    loader = DataLoader(dataset, batch, shuffle=True, drop_last=True)
    batches = iter(loader)
    while what := pipe.recv():
        if what == "load":
            sum(len(data["gt"]) for data in loader)
        else:
            for _ in range(steps):
                data = next(batches, None)
                if data is None:
                    batches = iter(loader)
                    data = next(batches)
                step(data)
        pipe.send("done")


def stand_in() -> None:
    """Add what BasicSR imports and torchvision no longer has."""
    from torchvision.transforms.functional import rgb_to_grayscale

    gone = ModuleType("torchvision.transforms.functional_tensor")
    gone.rgb_to_grayscale = rgb_to_grayscale
    sys.modules[gone.__name__] = gone


def options(scale: int, plan) -> dict:
    """BasicSR's options for the same network, loss and optimizer as ours."""
    network = {"num_in_ch": 3, "num_out_ch": 3, "num_feat": 64, "num_block": 16, "res_scale": 1}
    colours = {"img_range": 1.0, "rgb_mean": (0.0, 0.0, 0.0)}  # ours subtracts no mean colour
    adam = {"type": "Adam", "lr": plan.learning_rate, "betas": (plan.beta1, plan.beta2)}
    return {
        "is_train": True,
        "dist": False,
        "num_gpu": torch.cuda.device_count(),
        "path": {},
        "network_g": {"type": "EDSR", "upscale": scale, **network, **colours},
        "train": {
            "optim_g": {**adam, "eps": plan.epsilon},
            "scheduler": {"type": "MultiStepLR", "milestones": [1 << 30], "gamma": 0.5},
            "pixel_opt": {"type": "L1Loss", "loss_weight": 1.0, "reduction": "mean"},
        },
    }


def lmdb_of(path: Path, held: FacesOnDevice, column: str) -> str:
    """Faces as BasicSR's own tool stores them: PNG of compression 1, with their names."""
    import lmdb

    images = getattr(next(held.batches(len(held))), column).mul(255).round().to(torch.uint8)
    names = []
    with lmdb.open(str(path), map_size=1 << 30) as packed, packed.begin(write=True) as writing:
        for number, image in enumerate(images.permute(0, 2, 3, 1).numpy()):
            _, png = cv2.imencode(".png", image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
            writing.put(f"{number:06}".encode(), png.tobytes())
            names.append(f"{number:06}.png ({image.shape[0]},{image.shape[1]},3) 1\n")
    (path / "meta_info.txt").write_text("".join(names))
    return str(path)


def agree(ours: list[float], theirs: list[float]) -> None:
    """Check that both compute the same losses."""
    for one, other in zip(ours, theirs, strict=True):
        click.echo(f"loss of the same step: {one:.6f} and {other:.6f}")
        assert abs(one - other) < 1e-3 * abs(other)


if __name__ == "__main__":
    main()
