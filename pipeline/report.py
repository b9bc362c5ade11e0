"""Stage `report`: the page of one evaluation, with its pictures, curves and tables."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import click
from PIL import Image

from pipeline import params, schema, scratch
from pipeline.charts import identity_chart, learning_charts, write_charts
from pipeline.command import stage_command
from pipeline.evaluation import Subject, beside_paper
from pipeline.pages import render
from pipeline.samples import Places, merged_tables, read_psnr, take_faces
from pipeline.scores import read_metrics, read_scores
from wnet.figures.choice import evenly_ranked
from wnet.figures.face_row import column_titles, face_row
from wnet.figures.grid import as_png, draw_grid


@stage_command
@click.argument("name")
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("parsing", type=click.Path(path_type=Path))
@click.argument("pyramid", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(
    name: str,
    crops: Path,
    parsing: Path,
    pyramid: Path,
    reference: Path,
    model: Path,
    results: Path,
    metrics: Path,
    out: Path,
) -> None:
    """Show the evaluation NAME, of the MODEL's RESULTS with their METRICS, as a page in OUT."""
    part = out.with_name(f".{out.name}.part")  # the page appears whole, by a rename
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    places = Places(
        crops=crops,
        parsing=parsing,
        pyramid=pyramid,
        reference=reference,
        model=model,
        results=results,
    )
    page = write_page(part, name, params.load(), places, metrics)
    scratch.replace(part, out)
    click.echo(f"{out / 'index.html'}: {len(page['shown'])} of {len(page['gains'])} faces shown")


def write_page(
    folder: Path, name: str, everything: schema.Params, places: Places, metrics: Path
) -> dict:
    """Fill the folder with the page and all that it shows; returns what the template was given."""
    item, settings = everything.evaluations[name], everything.report
    scores = read_scores(metrics, name)
    psnr = read_psnr(places.results, scores.protocols[0])
    shown = take_faces(evenly_ranked(psnr.gain, settings.faces), psnr, places, item.scale)
    training = read_metrics(metrics / "train" / f"{item.training}.json")
    subject = Subject(name=name, item=item, hr_side=len(shown[0].hr), network=training["network"])
    titles = column_titles(subject.lr_side, subject.hr_side)
    grid = draw_grid(titles, [face_row(face, settings.magnify) for face in shown])
    learning = learning_charts(places.model / "curves", training["best_epoch"])
    similarity = identity_chart(places.results / "identity_curve.tsv")
    page = {
        "subject": subject,
        "scores": scores,
        "gains": psnr.gain,
        "shown": shown,
        "grid": grid.shape,
        "tables": beside_paper([(subject, scores)]),
        "taught": everything.trainings[item.training],
        "training": training,
        "learning": learning,
        "progress": copy_progress(places.model / "curves", folder),
        "similarity": similarity,
        "crop": read_metrics(metrics / "crop" / f"{item.dataset}.json"),
        "parse": read_metrics(metrics / "parse" / f"{item.dataset}.json"),
        "records": places.records(),
    }
    (folder / "grid.png").write_bytes(as_png(grid))
    write_charts([*learning, similarity], folder)
    scratch.write_text(folder / "faces.csv", merged_tables(places.results))
    scratch.write_text(folder / "index.html", render("report.html", page))
    return page


@dataclass(frozen=True)
class Sheet:
    """A picture of the training's progress in the page's folder, and its size in pixels."""

    epoch: int
    file: str
    width: int
    height: int


def copy_progress(curves: Path, folder: Path) -> list[Sheet]:
    """The first and the last picture of the training, copied to the page."""
    sheets = sorted((curves / "progress").glob("*.png"), key=lambda path: int(path.stem))
    ends = [sheets[0], sheets[-1]] if len(sheets) > 1 else sheets
    shown = []
    for path in ends:
        with Image.open(path) as picture:
            shown.append(Sheet(int(path.stem), f"progress-{path.stem}.png", *picture.size))
        shutil.copyfile(path, folder / shown[-1].file)
    return shown


if __name__ == "__main__":
    main()
