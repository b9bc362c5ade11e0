"""The command line `wnet`: what a person does with the pipeline besides `dvc repro`."""

from importlib import import_module

import click

COMMANDS = {
    "upscale": "pipeline.upscale",
    "export": "pipeline.export",
    "ablation": "pipeline.ablation",
    "weights": "pipeline.weights",
}


class Commands(click.Group):
    """Commands by name, each imported when it is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return import_module(COMMANDS[name]).main if name in COMMANDS else None


@click.command(cls=Commands)
@click.version_option(package_name="wnet-fsr", prog_name="wnet")
def main() -> None:
    """W-Net face super-resolution: use, export and compare networks, and bring pretrained ones.

    `dvc repro` trains W-Net; WNET_DEBUG=1 shows where an error comes from.
    """
