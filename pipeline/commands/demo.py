"""Command `wnet demo`: a page in the browser that enlarges photographs; also a Space's app file."""

import os
from tempfile import TemporaryDirectory

import click

from pipeline.commands.options import choosing_a_network
from pipeline.harness.command import plain_errors

LOOPBACK, ANYWHERE = "127.0.0.1", "0.0.0.0"
QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}


@click.command("demo", short_help="A local page that enlarges photographs.")
@choosing_a_network
@click.option(
    "--host",
    default=LOOPBACK,
    show_default=True,
    help=f"Address to listen at; {ANYWHERE} lets other machines in.",
)
@click.option("--port", default=7860, show_default=True, help="Port to listen at; 0 is any.")
@click.option(
    "--megabytes",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="Of a file, at most.",
)
@click.option(
    "--megapixels",
    type=click.IntRange(1, 256),
    default=40,
    show_default=True,
    help="Of an enlarged picture, at most.",
)
@plain_errors
def main(
    model: str | None, scale: int | None, host: str, port: int, megabytes: int, megapixels: int
) -> None:
    """Open a page where a photograph is dropped and comes back enlarged, beside bicubic.

    It offers the networks in models/, or --model alone. The page is for this machine unless --host
    says otherwise, asks nothing of the internet, and keeps nothing: an uploaded file is deleted
    once it is read, and what was made of it some minutes later, and when the command ends (Ctrl-C).
    It needs gradio: pip install '.[demo]'.

    \b
    wnet demo                   all networks in models/, at http://127.0.0.1:7860
    wnet demo -m sample-x4      one of them

    As a Space of Hugging Face this file is the app file; docs/use.md says what else is needed.
    """
    from pipeline.commands.models import networks

    choice = networks(model, scale)
    with TemporaryDirectory(prefix="wnet-demo-") as folder:
        os.environ |= QUIET | {"GRADIO_TEMP_DIR": folder}
        try:
            import gradio  # noqa: F401 (before anything is loaded)
        except ImportError as error:
            raise ValueError(f"wnet demo needs gradio ({error}): pip install '.[demo]'") from error
        from pipeline.commands.demo_page import page, serve

        serve(page(choice, megabytes, megapixels), host, port, megabytes)


if __name__ == "__main__":
    main(["--host", ANYWHERE] if "SPACE_ID" in os.environ else None)
