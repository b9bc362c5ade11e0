"""Stage `report`: the page of one evaluation, with its images, curves and tables."""

import shutil
from pathlib import Path

import click

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.pages.browser import browse
from pipeline.pages.card import card_head
from pipeline.pages.charts import identity_chart, learning_charts, write_charts
from pipeline.pages.evaluation import Subject, paper_tables_of
from pipeline.pages.face_scores import merged_tables, read_face_scores
from pipeline.pages.groups import by_attribute
from pipeline.pages.licences import licences_of
from pipeline.pages.pages import render
from pipeline.pages.rejected import rejected_examples
from pipeline.pages.samples import Places, read_faces
from pipeline.pages.scores import read_details
from pipeline.pages.training_pictures import copy_progress
from pipeline.pages.verdict import verdict_of
from pipeline.settings.inputs import ReportInputs
from pipeline.settings.resolved import entry
from wnet.counted import counted
from wnet.figures.choice import evenly_ranked
from wnet.figures.face_row import Face, column_titles, face_row
from wnet.figures.grid import as_png, draw_grid
from wnet.figures.overlays import CLASS_COLOURS
from wnet.metrics.paired import FEW


@stage_command
@click.argument("name")
@click.argument("raw", type=click.Path(path_type=Path))
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("parsing", type=click.Path(path_type=Path))
@click.argument("pyramid", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("split", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(
    name: str,
    raw: Path,
    crops: Path,
    parsing: Path,
    pyramid: Path,
    reference: Path,
    model: Path,
    results: Path,
    split: Path,
    out: Path,
) -> None:
    """Write the page of the evaluation NAME into OUT: the RESULTS of MODEL, with the counts in
    SPLIT.

    The grid of some faces is also written beside the folder, for `dvc plots`.
    """
    part = out.with_name(f".{out.name}.part")  # the page gets its name when it is complete
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    made_from = entry("report", name, ReportInputs).inputs
    places = Places(
        raw=raw,
        crops=crops,
        parsing=parsing,
        pyramid=pyramid,
        reference=reference,
        model=model if made_from.evaluation.has_network else None,
        results=results,
        split=split,
    )
    page = write_page(part, name, made_from, places)
    scratch.replace(part, out)
    scratch.publish(out / "grid.png", out.with_suffix(".png"))
    click.echo(f"{out / 'index.html'}: {counted(len(page['browser'].faces), 'face')} to browse")


def write_page(folder: Path, name: str, made_from: ReportInputs, places: Places) -> dict:
    """Write the page and everything it shows into the folder; returns the template's variables."""
    item, taught, settings = made_from.evaluation, made_from.training, made_from.report
    scores = read_details(places.results, made_from.compare)
    counts, trained = places.counts(), places.trained()
    training, has_network = counts["training"], item.has_network
    wanted = [row.score for row in scores.headline.values() if row.measured]
    names, by_column = read_face_scores(places.results, wanted)
    by_face = {score.key: by_column[score.column] for score in wanted}
    psnr = by_face["psnr"]
    ranked = evenly_ranked(psnr.gain if has_network else psnr.merit, settings.faces)
    shown = read_faces(ranked, names, psnr, places, item.scale)
    subject = Subject(
        name=name,
        item=item,
        hr_side=len(shown[0].hr),
        network=training["network"] if has_network else None,
        title=made_from.title,
        unlike=made_from.unlike,
    )
    page = {
        **counts,
        "subject": subject,
        "scores": scores,
        "verdict": verdict_of(subject.method, scores),
        "by_face": by_face,
        "psnr": psnr,
        "shown": shown,
        "grid": write_grid(folder / "grid.png", shown, settings.magnify),
        "columns": column_titles(shown[0]),
        "browser": browse(
            names, by_face, settings.browse, made_from.compare, places, item.scale, folder
        ),
        "class_colours": CLASS_COLOURS,
        "groups": by_attribute(
            places.raw, names, by_face, made_from.compare if has_network else None
        ),
        "few": FEW,
        "intervals": made_from.compare,
        "tables": paper_tables_of([(subject, scores)]),
        "taught": taught,
        "trained": trained,
        "learning": learning_charts(places.model / "curves", training) if has_network else [],
        "progress": copy_progress(places.model / "curves", folder) if has_network else [],
        "similarity": identity_chart(
            by_face["identity_similarity"], subject.method if has_network else None
        ),
        "rejected": rejected_examples(places, settings.rejected, folder),
        "records": places.records(),
        "digests": places.digests(),
        "licences": licences_of(item.dataset, trained, counts["parse"], scores),
    }
    write_charts([*page["learning"], *filter(None, [page["similarity"]])], folder)
    scratch.write_text(folder / "faces.csv", merged_tables(places.results))
    if has_network:
        head = card_head(subject, scores, trained["parameters"]["datasets"])
        card = render("model_card.md", page | {"card_head": head})
        scratch.write_text(folder / "model_card.md", card)
    scratch.write_text(folder / "index.html", render("report.html", page))
    return page


def write_grid(path: Path, faces: list[Face], magnify: int) -> tuple[int, ...]:
    """Draw one row per face; returns the picture's shape."""
    grid = draw_grid(column_titles(faces[0]), [face_row(face, magnify) for face in faces])
    path.write_bytes(as_png(grid))
    return grid.shape


if __name__ == "__main__":
    main()
