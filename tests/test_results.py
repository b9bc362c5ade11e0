"""The table of all networks in docs/results.md agrees with the stored comparison."""

import json
import re

from small_project import ROOT

FIGURES = ROOT / "benchmarks/results/sample_networks.json"
ROW = re.compile(r"\| \**([\w-]+)\** \| *([\d,]*) *(?:\| [^|]*){2}\| (.+) \|")
COLUMNS = ("dic_psnr", "dic_ssim", "landmark_distance", "identity_similarity")


def test_every_row_is_of_the_comparison():
    (compared,) = json.loads(FIGURES.read_text(encoding="utf-8")).values()
    pairs = {(pair["first"], pair["second"], pair["score"]): pair for pair in compared["pairs"]}
    wanted = {}
    for method in compared["methods"]:
        means = method["mean"]
        told = [f"{means['dic_psnr']:.2f}", f"{means['dic_ssim']:.4f}"]
        told += [f"{means['landmark_distance']:.2f} px", f"{means['identity_similarity']:.4f}"]
        pair = pairs.get(("sample-x4", method["name"], "dic_psnr"))
        if pair:
            low, high = f"{pair['low']:+.2f}", f"{pair['high']:+.2f}"
            told += [f"{pair['difference']:+.2f} ({low} to {high})"]
            told += [f"{round(pair['won'] * pair['faces'])} of {pair['faces']}"]
        wanted[tuple(told)] = method["parameters"]
    _, text = (ROOT / "docs/results.md").read_text(encoding="utf-8").split("## Every network on")
    rows = [ROW.fullmatch(line) for line in text.split("\n## ")[0].splitlines()]
    found = {
        tuple(cell.strip() for cell in row[3].split("|") if cell.strip()): row[2].replace(",", "")
        for row in rows
        if row
    }
    assert found == {told: str(count or "") for told, count in wanted.items()}
