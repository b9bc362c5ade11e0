"""Stage `bicubic`: a folder in place of a network, for evaluations of bicubic interpolation.

The stages of an evaluation depend on `models/TRAINING`; this stage makes that folder for `bicubic`.
"""

from pathlib import Path

import click

from pipeline.harness import scratch
from pipeline.harness.command import stage_command

README = """# Bicubic interpolation

Nothing is trained: evaluations whose `training` is `bicubic` enlarge faces by the kernel that has
reduced them (a = -0.5).
"""


@stage_command
@click.argument("name")
@click.argument("out", type=click.Path(path_type=Path))
def main(name: str, out: Path) -> None:
    """Write to the folder OUT that the method NAME has no network."""
    scratch.write_text(out / "README.md", README)
    click.echo(f"{out}: {name} is not trained")


if __name__ == "__main__":
    main()
