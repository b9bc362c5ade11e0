"""Command `wnet export`: a trained network in a format that needs none of this code."""

from pathlib import Path

import click

from pipeline.commands.options import trained
from pipeline.harness.command import plain_errors
from wnet.files.atomic import atomic_write, check_free, writing

REPORTS, MODEL_CARD, CODE = Path("reports"), "model_card.md", "modeling.py"


@click.command("export", short_help="Export a trained network: ONNX, torch.export or a folder.")
@click.argument("model", shell_complete=trained)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "-e",
    "--evaluation",
    help="The evaluation whose scores go into the model card; default: the only one of MODEL.",
)
@click.option("--overwrite", is_flag=True, help="Replace OUT if it exists.")
@plain_errors
def main(model: str, out: Path, evaluation: str | None, overwrite: bool) -> None:
    """Export MODEL (a training's name or a network's folder) to OUT, whose name sets the format.

    The exported network takes faces (batch, 3, height, width), float32, RGB from 0 to 1, in batches
    of any size and in every face size that the network can halve. It returns `sr` and, for W-Net,
    `parsing`, clamped to 0 to 1. The file is loaded and compared with the network before it gets
    its name.

    \b
    wnet export sample-x4 wnet.onnx   for onnxruntime and others; pip install 'wnet-fsr[export]'
    wnet export sample-x4 wnet.pt2    torch.export.load("wnet.pt2").module() runs it
    wnet export sample-x4 wnet        a folder as on Hugging Face: config.json,
                                      model.safetensors, README.md with the scores, and
                                      modeling.py, which needs torch and safetensors
    """
    from pipeline.commands.models import choose_model
    from wnet.networks.export import export
    from wnet.networks.saved import load

    check_free(out, overwrite)
    folder = choose_model(model, None)
    network = load(folder, "cpu")
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix:
        click.echo(f"{out}: differs from the network by {export(network, out)}")
        return
    card = card_of(folder, evaluation)
    write_folder(network, out, card)
    scores = "with the scores" if card else "without scores: no evaluation of it is in reports/"
    click.echo(f"{out}: the network and its model card {scores}")


def write_folder(network, folder: Path, card: str | None) -> None:
    """Write the folder for `from_pretrained`, with `modeling.py`; other files in it are kept."""
    from wnet.networks.one_file import one_file

    network.save_pretrained(folder, card)
    with atomic_write(folder / CODE) as part:
        part.write_text(one_file(type(network)), encoding="utf-8")


def card_of(folder: Path, evaluation: str | None) -> str | None:
    """The model card of an evaluation of the network in a folder; None if there is none.

    Raises ValueError if several evaluations are possible or the card is of other weights.
    """
    from wnet.files.weights import sha256_of
    from wnet.networks.network import WEIGHTS

    digest = sha256_of(folder / WEIGHTS)
    cards = {path.parent.name: path for path in sorted(REPORTS.glob(f"*/{MODEL_CARD}"))}
    texts = {name: path.read_text(encoding="utf-8") for name, path in cards.items()}
    fitting = [name for name, text in texts.items() if digest in text]
    if evaluation is not None:
        if evaluation not in fitting:
            said = ", ".join(fitting) or "none"
            raise ValueError(
                f"{evaluation}: no page of these weights in {REPORTS}/; there are: {said}."
                f" `dvc repro report@{evaluation}` writes it"
            )
        return texts[evaluation]
    if len(fitting) > 1:
        raise ValueError(f"{folder}: evaluated as {', '.join(fitting)}; choose by --evaluation")
    return texts[fitting[0]] if fitting else None


if __name__ == "__main__":
    main()
