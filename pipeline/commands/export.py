"""Command `wnet export`: a trained network as one file that needs none of this code."""

from pathlib import Path

import click

from pipeline.commands.completion import trained
from pipeline.harness.command import plain_errors
from wnet.files.whole import check_free, writing

TOLERANCE = 1e-4  # of values from 0 to 1: a fortieth of a level of 255


@click.command("export", short_help="Write a trained network as one file.")
@click.argument("model", shell_complete=trained)
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace OUT where it is there.")
@plain_errors
def main(model: str, out: Path, overwrite: bool) -> None:
    """Export MODEL (a training's name or a network's folder) to OUT, by torch.export.

    The file takes (B, 3, r, r) float32, RGB from 0 to 1, r the side that the network was trained
    at, and gives SR and, of W-Net, the parsing map. It is loaded again and compared with the
    network before it takes its name. `torch.export.load(OUT).module()` runs it.

    \b
    wnet export sample-x4 wnet.pt2
    """
    from pipeline.commands.models import choose_model, crop_of
    from wnet.networks.export import export
    from wnet.networks.saved import load

    check_free(out, overwrite)
    folder = choose_model(model, None)
    network = load(folder, "cpu")
    lr_side = crop_of(folder).resolution // network.scale
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    difference = export(network, lr_side, out, TOLERANCE)
    click.echo(f"{out}: differs from the network by {difference:.1e} at most, of values 0 to 1")


if __name__ == "__main__":
    main()
