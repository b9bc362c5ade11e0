"""Timing of alternatives in turns, so that other load on the machine slows all of them equally."""

import json
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import click


def rates(
    ways: Mapping[str, Callable[[], object]],
    items: int,
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, list[float]]:
    """Items per second of each way in each round; by default, of CPU time (user and system)."""
    measured: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()  # to warm up caches for all
    for _ in range(rounds):
        for name, way in ways.items():
            begun = clock()
            way()
            measured[name].append(items / (clock() - begun))
    return measured


def cpu_seconds(*others: int) -> float:
    """CPU time of this process and of others, by their ids (clock_getcpuclockid(3) of Linux)."""
    clocks = [(~other << 3) | 2 for other in others]
    return time.process_time() + sum(map(time.clock_gettime, clocks))


def ratio(measured: Mapping[str, list[float]], way: str, than: str) -> float:
    """The ratio of the speeds of two ways: the median over rounds."""
    return median(a / b for a, b in zip(measured[way], measured[than], strict=True))


def report(
    title: str, measured: Mapping[str, list[float]], goals: Mapping[tuple[str, str], float]
) -> dict:
    """Print a table of rates and goals; returns both for a JSON file."""
    click.echo(title)
    width = max(map(len, measured))
    for name, values in measured.items():
        click.echo(f"  {name:{width}}  {median(values):11,.1f} a second, best {max(values):11,.1f}")
    reached = []
    for (way, than), goal in goals.items():
        value = ratio(measured, way, than)
        verdict = "reached" if value >= goal else "missed"
        click.echo(f"  {way} / {than}: {value:.2f}, goal {goal:g}: {verdict}")
        reached.append({"way": way, "than": than, "ratio": value, "goal": goal})
    return {"title": title, "rates": dict(measured), "goals": reached}


def save(name: str, tables: list[dict]) -> None:
    """Write tables to benchmarks/results/<name>.json, with a description of the machine."""
    path = Path(__file__).parent / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    machine = {"processor": platform.processor() or platform.machine(), "system": platform.system()}
    path.write_text(json.dumps({"machine": machine, "tables": tables}, indent=2) + "\n")
    click.echo(f"{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
