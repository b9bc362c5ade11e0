"""Command `wnet demo`: a page in the browser that enlarges photographs; also run by a Space."""

import os
from functools import partial
from tempfile import TemporaryDirectory

import click

from pipeline.commands.options import choosing_a_network
from pipeline.harness.command import plain_errors

LOOPBACK, ANYWHERE = "127.0.0.1", "0.0.0.0"
QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}


@click.command("demo", short_help="A local page that enlarges photographs.")
@partial(choosing_a_network, default="all in models/")
@click.option(
    "--host",
    default=LOOPBACK,
    show_default=True,
    help=f"Address to listen on; {ANYWHERE} lets other machines connect.",
)
@click.option(
    "--port", default=7860, show_default=True, help="Port to listen on; 0 chooses a free one."
)
@click.option(
    "--megabytes",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="Largest size of an uploaded file.",
)
@click.option(
    "--megapixels",
    type=click.IntRange(1, 256),
    default=40,
    show_default=True,
    help="Largest size of an enlarged picture.",
)
@plain_errors
def main(
    model: str | None, scale: int | None, host: str, port: int, megabytes: int, megapixels: int
) -> None:
    """Open a page that enlarges photographs in the browser, beside bicubic interpolation.

    It offers all networks in models/, or only --model. The page is reachable only from this machine
    unless --host is given. It makes no requests to the internet and keeps nothing: an uploaded file
    is deleted once it is read, and results are deleted some minutes later, and when the command
    ends (Ctrl-C). It needs gradio: pip install '.[demo]'.

    \b
    wnet demo                   all networks in models/, at http://127.0.0.1:7860
    wnet demo -m sample-x4      only this network

    This file also runs as a Hugging Face Space; see docs/use.md.
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
