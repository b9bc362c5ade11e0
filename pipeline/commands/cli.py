"""The command line `wnet`: what users do with the pipeline besides `dvc repro`."""

from importlib import import_module

import click

from pipeline.settings.spelling import meant

COMMANDS = {
    "new": "pipeline.commands.new",
    "doctor": "pipeline.commands.doctor",
    "scores": "pipeline.commands.scores",
    "upscale": "pipeline.commands.upscale",
    "demo": "pipeline.commands.demo",
    "try": "pipeline.commands.trial",
    "export": "pipeline.commands.export",
    "compare": "pipeline.commands.compare",
    "weights": "pipeline.commands.weights",
    "rename": "pipeline.commands.rename",
}


class Commands(click.Group):
    """Commands by name, each imported only when it is used."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of the commands, in the order in which a user needs them."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command with that name, or None if there is none."""
        return import_module(COMMANDS[name]).main if name in COMMANDS else None

    def resolve_command(self, context: click.Context, words: list[str]) -> tuple:
        """The command that the first word names; for a misspelt one, the error suggests a name."""
        if words[0] not in COMMANDS and words[0].isidentifier():
            context.fail(f"No such command {words[0]!r}{meant(words[0], COMMANDS)}")
        return super().resolve_command(context, words)


@click.command(cls=Commands)
@click.version_option(package_name="wnet-fsr", prog_name="wnet")
def main() -> None:
    """W-Net face super-resolution: commands besides `dvc repro`.

    \b
    dvc repro                      prepare, train, evaluate; then open reports/index.html
    wnet new family photographs/   make a dataset from a folder of photographs
    wnet doctor                    what is missing on this machine, and what to do
    wnet upscale photo.jpg -o out  enlarge a photograph, with faces by the trained network
    wnet demo                      the same in the browser
    wnet try photographs/          measure the network and bicubic interpolation on photographs
    wnet compare sample            train, evaluate and compare several networks
    wnet export sample-x4 out.onnx use a trained network without this code

    These commands run in a clone of the project. Elsewhere, `upscale --model` and `export` work
    with the folder of a trained network.

    Exit codes: 0, success; 1, an error, which is reported on standard error in a line or two; 2,
    invalid usage; 130 and 143, stopped by Ctrl-C or SIGTERM. WNET_DEBUG=1 shows the traceback of an
    error.

    \b
    Completion of commands, options and names in bash (zsh and fish alike):
    eval "$(_WNET_COMPLETE=bash_source wnet)"
    """
