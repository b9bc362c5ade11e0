"""Downloading of published weights: resumable, and verified before the file gets its name.

The file is `.<name>.part` until it is complete and its size and SHA-256 are right.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from wnet.files.weights import MissingWeights, WeightsFile, folder, how, what_is_wrong

_CHUNK = 1 << 20
_TIMEOUT = 20  # seconds without a byte


def fetch(file: WeightsFile, on_bytes: Callable[[int, int | None], None]) -> Path:
    """Download a file into the folder of weights, resuming an earlier call.

    on_bytes(done, total) is called as bytes arrive; total is None if the server does not give it.
    Raises MissingWeights with the file, its SHA-256, its source and other ways to get it.
    """
    if file.source is None:
        raise MissingWeights(f"{file}: {how(file)}")
    folder().mkdir(parents=True, exist_ok=True)
    part = folder() / f".{file.name}.part"
    try:
        _download(file.source.url, part, on_bytes)
    except (OSError, URLError) as error:
        reason = getattr(error, "reason", None) or error
        raise MissingWeights(
            f"{file}: {file.source.url} cannot be downloaded: {reason};"
            " run it again to resume, or copy the file from a disk: `wnet weights import FOLDER`"
        ) from error
    if wrong := what_is_wrong(part, file):
        part.unlink()
        raise MissingWeights(f"{file.name}: {file.source.url} sent a different file: {wrong}")
    return part.replace(folder() / file.name)


def _download(url: str, part: Path, on_bytes: Callable[[int, int | None], None]) -> None:
    done = part.stat().st_size if part.exists() else 0
    request = Request(url, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        answer = urlopen(request, timeout=_TIMEOUT)
    except HTTPError as error:
        if error.code == 416:  # nothing is left to send: the part is complete, or of another file
            return
        raise
    with answer, part.open("ab" if answer.status == 206 else "wb") as file:
        done = file.tell()
        length = answer.headers.get("Content-Length")
        total = done + int(length) if length else None
        while chunk := answer.read(_CHUNK):
            file.write(chunk)
            done += len(chunk)
            on_bytes(done, total)
    if total is not None and done < total:
        raise OSError(f"the connection ended after {done} of {total} bytes")
