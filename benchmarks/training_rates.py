"""The speed of training steps: {fp32, bf16} x {eager, compiled} x batch, on this device.

Every variant makes the same steps from the same weights on the same random faces, in one run, so
that ratios are of one machine in one state. The loss after the last step is shown beside the rate:
for one batch size, it must agree within the precision. Prints a table and writes a JSON file.
"""

import json
import platform
import time
from pathlib import Path

import click
import torch
from step_counts import objective_for, random_faces

from pipeline.harness import environment
from pipeline.settings import params
from wnet.networks.by_name import build
from wnet.training.loop import Training
from wnet.training.processes import Processes


@click.command()
@click.option("--run", "run_name", default="wnet", help="A run of params.yaml.")
@click.option("--scale", default=8, help="Enlargement.")
@click.option("--resolution", default=128, help="Side of the HR faces, pixels.")
@click.option("--batches", default="4,16,32", help="Batch sizes.")
@click.option("--compiled/--eager-only", default=True, help="Time torch.compile too.")
@click.option("--warmup", default=20, help="Steps before the clock starts.")
@click.option("--steps", default=50, help="Steps that are timed.")
@click.option("--out", type=click.Path(path_type=Path), default="training_rates.json")
def main(
    run_name: str,
    scale: int,
    resolution: int,
    batches: str,
    compiled: bool,
    warmup: int,
    steps: int,
    out: Path,
) -> None:
    """Time training steps of a run and write the rates to OUT."""
    device = environment.device()
    name = torch.cuda.get_device_name() if device.startswith("cuda") else platform.processor()
    click.echo(
        f"{run_name} x{scale} at {resolution} px on {device} ({name}), torch {torch.__version__},"
        f" {torch.get_num_threads()} CPU threads"
    )
    click.echo("batch  precision  mode      faces/s  ratio  peak MB  loss")
    rows = []
    for batch in map(int, batches.split(",")):
        for precision in ("fp32", "bf16"):
            for execution in ("eager", "compiled") if compiled else ("eager",):
                timed = measure(
                    run_name, scale, resolution, batch, precision, execution, warmup, steps, device
                )
                rows.append(timed)
                timed["ratio"] = timed["faces_per_s"] / rows[0]["faces_per_s"]
                click.echo(
                    f"{batch:5}  {precision:9}  {execution:8}"
                    f"  {timed['faces_per_s']:7.1f}  {timed['ratio']:5.2f}"
                    f"  {timed['peak_bytes'] / 1e6:7.0f}  {timed['loss']:.5f}"
                )
    record = {"device": device, "name": name, "torch": torch.__version__, "rows": rows}
    out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def measure(
    run_name: str,
    scale: int,
    resolution: int,
    batch: int,
    precision: str,
    execution: str,
    warmup: int,
    steps: int,
    device: str,
) -> dict:
    """Rate, peak memory of the device (0 on the CPU) and last loss of one variant."""
    run = params.load().runs[run_name]
    torch.manual_seed(run.train.seed)
    faces = random_faces(batch * (warmup + steps), scale, resolution, device)
    plan = run.train.model_copy(update={"batch": batch, "precision": precision, "epochs": 1})
    network = build(run.model.network, run.model, scale).to(device)
    training = Training(
        network,
        objective_for(run, scale, resolution),
        faces,
        faces,
        plan,
        Path("/none"),
        Processes(),
        execution,
    )
    on_cuda = device.startswith("cuda")
    if on_cuda:
        torch.cuda.reset_peak_memory_stats()
    for number, faces_of_step in enumerate(faces.shuffled(1, 0, batch, plan.flip, 0)):
        if number == warmup:
            _wait(on_cuda)
            begun = time.perf_counter()
        terms = training.step(faces_of_step)
    _wait(on_cuda)
    seconds = time.perf_counter() - begun
    return {
        "batch": batch,
        "precision": precision,
        "execution": execution,
        "faces_per_s": batch * steps / seconds,
        "peak_bytes": torch.cuda.max_memory_allocated() if on_cuda else 0,
        "loss": terms["total"].item(),
    }


def _wait(on_cuda: bool) -> None:
    if on_cuda:
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
