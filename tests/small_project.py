"""Small copies of the project in separate folders, where `dvc` and `git` run for real."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from params_file import edit_keys
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
SMALL = {
    "synthesize.faces": 24,
    "synthesize.resolution": 128,
    "recipes.sample.crop.faces_per_shard": 8,
    "recipes.sample.splits.fractions.validation": 0.2,
    "recipes.sample.splits.fractions.test": 0.2,
    "runs.wnet-small.model.width": 8,
    "runs.wnet-small.train.epochs": 1,
    "report.faces": 2,
    "quality.lpips": [],
}
PERSON = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "test"), ("EMAIL", "test@example.org"))
}
OUTPUTS = ("data", "models", "results", "metrics", "reports")


def digest(path: Path) -> str:
    """The MD5 of a file, as in DVC, or a note that it has vanished."""
    try:
        return hashlib.md5(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return "gone"


class Checkout:
    """A folder that holds a copy of the project.

    Attributes:
        environment: of the commands that run there, with the folder's own code.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        scripts = str(Path(sys.executable).parent)
        self.environment = os.environ | {
            **PERSON,
            "PATH": scripts + os.pathsep + os.environ["PATH"],
            "PYTHONPATH": str(folder),
            "DVC_NO_ANALYTICS": "1",
            "WNET_DEVICE": "cpu",
            "WNET_THREADS": "1",
        }

    def call(self, *command: str) -> str:
        """Run a command in the folder; returns what it printed."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def begin(self, log: Path, *command: str) -> subprocess.Popen:
        """Start a command in its own session, with all output going to the log."""
        with log.open("a") as said:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def edit(self, changes: dict) -> None:
        """Change keys of params.yaml, each given with dots."""
        edit_keys(self.folder / "params.yaml", changes)

    def repro(self, *options: str) -> set[str]:
        """Run `dvc repro`; returns the stages whose commands ran."""
        return set(re.findall(r"Running stage '(.+?)'", self.call("dvc", "repro", *options)))

    def hashes(self) -> dict:
        """The entry of every output in dvc.lock."""
        stages = YAML(typ="safe").load(self.folder / "dvc.lock")["stages"]
        return {name: stage["outs"] for name, stage in stages.items()}

    def outputs(self) -> dict[str, str]:
        """The digest of every file that has its final name."""
        # Path.rglob would raise if a stage renamed something meanwhile.
        walks = (walk for place in OUTPUTS for walk in os.walk(self.folder / place))
        found = (Path(folder, name) for folder, _, names in walks for name in names)
        files = {str(path.relative_to(self.folder)): path for path in found}
        return {name: digest(path) for name, path in files.items() if "/." not in name}

    def commit(self, message: str) -> None:
        """Commit all that git does not ignore."""
        self.call("git", "add", "-A")
        self.call("git", "commit", "-qm", message)

    def copy(self, folder: Path) -> "Checkout":
        """A copy of the checkout in another folder, with its git repository and DVC cache."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Checkout(folder)

    def clone(self, folder: Path) -> "Checkout":
        """A git clone of the checkout in another folder."""
        self.call("git", "clone", "-q", str(self.folder), str(folder))
        return Checkout(folder)


class Project(Checkout):
    """A copy of this project's tracked files, without computed results."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        folder.mkdir(exist_ok=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file() and not name.startswith(("metrics/", ".ci/")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        (folder / "dvc.lock").unlink(missing_ok=True)
        self.call("git", "init", "-q")
        self.commit("A copy of the project")
