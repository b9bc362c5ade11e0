"""Stage `resolve`: check params.yaml, and record the parameters and code of every item."""

import json
from pathlib import Path

import click

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.settings import params
from pipeline.settings.code import Code
from pipeline.settings.required_weights import problems
from pipeline.settings.resolution import items
from pipeline.settings.resolved import resolve
from pipeline.settings.schema import Params
from wnet.counted import counted


@stage_command
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("artifacts", type=click.Path(path_type=Path))
def main(out: Path, artifacts: Path) -> None:
    """Resolve params.yaml into OUT, for every item of every stage.

    ARTIFACTS, a separate dvc.yaml, lists the networks for `dvc artifacts get` and model registries.
    Missing weights that a later stage needs are reported; only that stage fails.
    """
    everything = params.load()
    entries = resolve(items(everything), Code(Path(__file__).parents[1]))
    scratch.write_text(out, json.dumps(entries, indent=1) + "\n")
    scratch.write_text(artifacts, artifacts_of(everything))
    for line in problems(everything):
        click.echo(f"missing: {line}", err=True)
    made = counted(sum(map(len, entries.values())), "item")
    click.echo(f"{out}: {made} of {counted(len(entries), 'stage')}")


def artifacts_of(everything: Params) -> str:
    """A dvc.yaml with every trained network as a DVC artifact (as JSON, which is YAML)."""
    networks = {
        name: {
            "path": f"../models/{name}/network",
            "type": "model",
            "desc": f"{training.run}, {training.dataset} {training.split}, x{training.scale}"
            + f", {training.recipe}" * bool(training.equal_to),
        }
        for name, training in everything.trainings.items()
    }
    return json.dumps({"artifacts": networks}, indent=1) + "\n"


if __name__ == "__main__":
    main()
