"""Stage `parse`: the 19-class parsing map of every cropped face, and the binary skin map."""

from pathlib import Path

import click
import numpy as np

from pipeline.harness import parallel, scratch
from pipeline.harness.command import stage_command
from pipeline.harness.record import made_by, record_of, write_record
from pipeline.parse_block import Block, parse_block
from pipeline.settings.inputs import ParseInputs
from pipeline.settings.resolved import entry
from pipeline.tables import as_csv
from wnet.chosen import chosen
from wnet.counted import counted
from wnet.data.shards import Shards, write_index


@stage_command
@click.argument("dataset")
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("details", type=click.Path(path_type=Path))
def main(dataset: str, crops: Path, out: Path, ledger: Path, details: Path) -> None:
    """Parse the faces in CROPS into shards in OUT.

    Faces with hardly any skin are listed in LEDGER; counts go to DETAILS. Faces that are only
    evaluated get no maps, and the method in DETAILS is then null.
    """
    made_from = entry("parse", dataset, ParseInputs)
    settings = made_from.inputs.parse
    method = settings and chosen("wnet.parsing.methods", settings.method)
    record = record_of(made_from, method.LIBRARIES if method else ())
    with scratch.workspace("parse", dataset, [crops], record) as work:
        skin = parse_faces(crops, work / "out", made_from.inputs)
        counts, rows = summarize(skin, settings.degenerate_below if settings else 0.0)
        named = settings.method if settings else None
        counts = {"method": named, "weights": record["weights"], **counts}
        scratch.publish(work / "out", out)
        write_record(made_by(out), record)
        scratch.write_text(ledger, rows)
        scratch.write_json(details, counts)
    parsed = f"{counted(counts['parsed'], 'face')} parsed, {counts['degenerate']} degenerate"
    click.echo(f"{out}: {parsed if settings else 'no maps for faces that are only evaluated'}")


def parse_faces(crops: Path, out: Path, made_from: ParseInputs) -> dict[str, float]:
    """Fill `out` with a shard of maps for each shard of faces; returns the fractions of skin."""
    out.mkdir(exist_ok=True)
    shards, files = Shards(crops), tuple(made_from.files().items())
    if made_from.parse is None:
        write_index(out, shards)
        return {}
    blocks = [Block(path, made_from.parse, files, out / path.name) for path in shards.paths]
    network = chosen("wnet.parsing.methods", made_from.parse.method).GPU
    shares = parallel.map_blocks(parse_block, blocks, shards.lengths, "parse", network)
    write_index(out, shards)
    return dict(zip(shards.names, np.concatenate(shares), strict=True))


def summarize(skin: dict[str, float], degenerate_below: float) -> tuple[dict, str]:
    """Counts, and a CSV of the faces without a map or with less skin than `degenerate_below`."""
    shares = np.array(list(skin.values()))
    without, degenerate = np.isnan(shares), shares < degenerate_below
    (listed,) = np.nonzero(without | degenerate)
    names = list(skin)
    counts = {
        "parsed": len(shares),
        "without_map": int(without.sum()),
        "degenerate": int(degenerate.sum()),
        "mean_skin_share": round(float(np.nanmean(shares)), 6) if not without.all() else 0.0,
    }
    return counts, as_csv([names[row] for row in listed], {"skin_share": shares[listed]})


if __name__ == "__main__":
    main()
