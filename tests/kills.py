"""Kill a running `dvc repro` at seeded instants, in turn one process of it, DVC, or all."""

import os
import random
import re
import signal
import subprocess
import threading
import time
from contextlib import suppress
from functools import partial
from itertools import pairwise
from pathlib import Path

import psutil
from small_project import Project
from waiting import HANG, until

WAYS = ("stage", "dvc", "group")
CURES = {"dvc.lock' validation failed": "dvc.lock", "Unable to read RWLock-file": ".dvc/tmp/rwlock"}
SCALE = 1.1  # of a stage's undisturbed time, so that DVC's own work after it is hit as well


def timed_repro(project: Project, log: Path, *targets: str) -> dict[str, float]:
    """An undisturbed run; the seconds from the start of each stage to that of the next."""
    process = project.begin(log, "dvc", "repro", *targets)
    begun = {}

    def ended() -> bool:
        for stage in running(log):
            begun.setdefault(stage, time.monotonic())
        return process.poll() is not None

    until(ended, log.read_text)
    assert process.returncode == 0, log.read_text()
    times = [*begun.values(), time.monotonic()]
    return {stage: after - at for stage, (at, after) in zip(begun, pairwise(times), strict=True)}


def running(log: Path) -> list[str]:
    """The stages that a log says were begun, in order."""
    return re.findall(r"Running stage '(.+?)'", log.read_text())


def killed_repros(
    project: Project, seconds: dict, count: int, seed: int, logs: Path, *targets: str
) -> list[dict]:
    """Start `dvc repro` again and again, killing it up to `count` times, and then let it end.

    Kills are spread over the stages in their order; where a run came to its end before it was to be
    killed, there are fewer. What is seen just after each is returned: where and how it fell, and
    the digests of all outputs; the last entry is of the end.
    """
    chance, stages, seen = random.Random(seed), list(seconds), []
    for number in range(count):
        aimed = stages[number * len(stages) // count :]
        delay = chance.uniform(0, seconds[aimed[0]] * SCALE)
        log = logs / f"{number:02}-{aimed[0]}.log"
        process = begin(project, log, aimed, *targets)
        with suppress(subprocess.TimeoutExpired):
            process.wait(delay)
        if process.poll() is not None:
            assert process.returncode == 0, log.read_text()
            break
        hit = kill(process, WAYS[number % len(WAYS)])
        process.wait(HANG)
        at = (running(log) or ["before the first"])[-1]
        seen.append({"aimed": aimed[0], "at": at, "delay": round(delay, 2), "hit": hit})
        seen[-1] |= {"outputs": project.outputs(), "log": log}
    log = logs / "last.log"
    assert begin(project, log, [], *targets).wait(HANG) == 0, log.read_text()
    last = {"aimed": "none", "at": "the end", "delay": 0, "hit": "nothing", "log": log}
    return [*seen, last | {"outputs": project.outputs()}]


def begin(project: Project, log: Path, stages: list, *targets: str) -> subprocess.Popen:
    """Start `dvc repro` and wait for one of the stages to begin, or the end.

    DVC writes two files in place: where it was killed just then, it refuses what is left of them,
    and the remedy in docs/reliability.md is applied.
    """
    for cure in (*CURES, None):
        process = project.begin(log, "dvc", "repro", *targets)
        until(partial(begun_or_over, process, log, stages), log.read_text)
        broken = [path for said, path in CURES.items() if said in log.read_text()]
        if cure is None or process.poll() in (None, 0) or not broken:
            return process
        for path in broken:
            log.write_text(f"removed {path}\n")
            (project.folder / path).unlink()


def begun_or_over(process: subprocess.Popen, log: Path, stages: list) -> bool:
    return process.poll() is not None or not {*stages}.isdisjoint(running(log))


def kill(dvc: subprocess.Popen, way: str) -> str:
    """SIGKILL; returns what was hit, which is DVC where no stage runs."""
    if way == "group":
        os.killpg(dvc.pid, signal.SIGKILL)
        return way
    with suppress(ProcessLookupError):  # the stage has ended meanwhile
        if way == "stage" and (stage := stage_of(dvc.pid)):
            os.kill(stage, signal.SIGKILL)
            return way
    os.kill(dvc.pid, signal.SIGKILL)
    return "dvc"


def stage_of(dvc: int) -> int | None:
    """The process of the stage that DVC runs."""
    for process in psutil.Process(dvc).children(recursive=True):
        try:
            line = process.cmdline()
        except psutil.NoSuchProcess:
            continue
        if "-m" in line and line[line.index("-m") + 1].startswith("pipeline."):
            return process.pid
    return None


HOLD = """

import os
import time

_write, _written = write_shard, []


def write_shard(*what):
    while _written and Path("held").exists():
        Path(f"held/{os.getpid()}").touch()
        time.sleep(0.02)
    _write(*what)
    _written.append(what)
"""


def hold_crop(project: Project) -> Path:
    """Have each process of `crop` write its first shard, and wait with its second.

    They wait while the folder that is returned is there, and note their ids in it.
    """
    with (project.folder / "pipeline/crop_block.py").open("a") as code:
        code.write(HOLD)
    return project.folder / "held"


def session(leader: int) -> list[psutil.Process]:
    """The processes that are left of a command that was begun in a session of its own."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def pieces(project: Project) -> set[tuple[str, int]]:
    """The shards of faces that are finished in the scratch folder, and when they were made."""
    found = set()
    with suppress(FileNotFoundError):  # a folder that is recorded vanishes
        for path in (project.folder / ".scratch").glob("*-sample*-*/out/*.h5"):
            work = path.parent.parent
            stage = work.name.split("-")[0]
            if stage != "crop" or (work / f"{path.stem}.json").exists():  # a block's last file
                found.add((f"{stage}/{path.name}", path.stat().st_mtime_ns))
    return found


class Watch(threading.Thread):
    """Collect all pieces that there ever are: one made a second time has two times."""

    def __init__(self, project: Project):
        super().__init__(daemon=True)
        self.project, self.seen, self.over = project, set(), threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.02):
            self.seen |= pieces(self.project)

    def __enter__(self) -> "Watch":
        self.start()
        return self

    def __exit__(self, *error) -> None:
        self.over.set()
        self.join()
        self.seen |= pieces(self.project)  # the last were made just now
