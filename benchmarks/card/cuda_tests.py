"""The tests marked `cuda`, run by pytest in a separate process."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from card.part import Card, Row

ROOT = Path(__file__).resolve().parents[2]


def quick(card: Card) -> Iterator[Row]:
    """The tests that take seconds."""
    yield from _run("cuda tests", "cuda and not slow")


def slow(card: Card) -> Iterator[Row]:
    """The tests that compile, and that of a whole project."""
    yield from _run("slow cuda tests", "cuda and slow")


def _run(part: str, marked: str) -> Iterator[Row]:
    """The numbers of passed and skipped tests; a row for each failure and each reason to skip."""
    row = {"part": part, "what": "tests/cuda"}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        # Without the fixtures of other tests, which need more packages than a bare machine has.
        asked = ["-m", marked, "--confcutdir=tests/cuda", "-p", "no:cacheprovider", "tests/cuda"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *asked, "-rs", "-vv", f"--junit-xml={report}"],
            cwd=ROOT,
            stdout=sys.stderr,
        )
        if not report.exists():
            yield row | {"failed": f"pytest ended with {done.returncode}, before any test"}
            return
        cases = list(ElementTree.parse(report).iter("testcase"))
    failed = [case for case in cases if _of(case, "failure") or _of(case, "error")]
    skipped = [case for case in cases if _of(case, "skipped")]
    passed = len(cases) - len(failed) - len(skipped)
    yield row | {"figures": {"passed": passed, "skipped": len(skipped), "failed": len(failed)}}
    for case in failed:
        said = (_of(case, "failure") or _of(case, "error"))[0].get("message", "")
        yield {**row, "what": case.get("name"), "failed": said[:400]}
    for reason in sorted({_of(case, "skipped")[0].get("message", "") for case in skipped}):
        yield {**row, "skipped": reason}


def _of(case: ElementTree.Element, outcome: str) -> list[ElementTree.Element]:
    return case.findall(outcome)
