"""The rate at which each run of a set learns fastest: `learning_rates` of `sets`.

Each run is trained at each rate for a tenth of its epochs, from its first stage to its last, by the
batch and optimizer of the run that all are equal to and with the rate falling to its end, and is
scored by PSNR on the validation faces, which `dvc repro` prepares.

    OMP_NUM_THREADS=1 python benchmarks/learning_rates.py sample
"""

import click
from equal_time import First, load, training_of

from pipeline.commands.compare import set_of
from pipeline.settings import params
from pipeline.settings.sets import entries_of
from wnet.training.loop import TrainingDiverged


@click.command()
@click.argument("name")
@click.option("--rates", default="0.0005,0.001,0.002", show_default=True, help="To choose from.")
@click.option("--share", default=0.1, show_default=True, help="Part of the epochs.")
@click.option("--runs", default="", help="Only these, joined by commas.")
def main(name: str, rates: str, share: float, runs: str) -> None:
    """Print the best of RATES for each run of the set NAME, at its first scale."""
    everything = params.load()
    chosen = set_of(everything, name)
    trainings = list(entries_of(everything, name)["trainings"].values())[: len(chosen.runs)]
    faces, validation, _ = load(trainings[0], "cpu")
    for training in trainings:
        if runs and training.run not in runs.split(","):
            continue
        plan = everything.runs[training.equal_to or training.run].train
        wanted = (training.epochs or plan.epochs) * share
        epochs = max(1, round(wanted))
        some = First(faces, max(plan.batch, int(len(faces) * wanted / epochs)))
        scores = {}
        for rate in map(float, rates.split(",")):
            update = {"epochs": epochs, "validate_every": epochs, "learning_rate": rate}
            of_run = training_of(
                everything.runs[training.run],
                training.scale,
                plan.model_copy(update=update),
                some,
                validation,
            )
            try:
                outcome = of_run.run(lambda count: None, lambda row, network: None)
                scores[rate] = outcome.best_psnr
            except TrainingDiverged:
                scores[rate] = float("-inf")
        told = ", ".join(f"{rate}: {psnr:.2f} dB" for rate, psnr in scores.items())
        click.echo(f"      {training.run}: {max(scores, key=scores.get)}  # {told}")


if __name__ == "__main__":
    main()
