"""Coverage-guided fuzzing of how `crop` handles a photograph or a zip file, run by hand:

    pip install atheris      # not a dependency of the project
    python tests/fuzz_decode.py photograph CORPUS -max_total_time=1200 -max_len=65536
    python tests/fuzz_decode.py archive CORPUS -max_total_time=300

CORPUS is a folder that is filled, and from which the next run continues. Findings are written as
crash-*, timeout-* or oom-*. tests/wnet/photographs/test_hostile_photographs.py has the short form.
"""

import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["PIL", "zipfile", "wnet"]):
    import zipfile

    from odd_images import PNG, png_chunks, png_of, whole_pictures

    from wnet.crops.extraction import Annotation, Rejected, cut_faces, find_landmarks
    from wnet.crops.settings import Extraction
    from wnet.landmarks.methods.dlib import dlib_landmarks
    from wnet.landmarks.settings import Looks
    from wnet.photographs.folder import find_photographs
    from wnet.photographs.images import UnreadableImage, decode

MAX_PIXELS = 1_000_000
SEEN_WHOLE = 20_000  # pixels of a picture in which dlib looks for a face: it is slow
LIMITS = ["-timeout=60", "-rss_limit_mb=3000"]
LOOKS = Looks(faces="all", turns=(180,), max_instability=0.2)
finder = dlib_landmarks(256, 0)


def photograph(data: bytes) -> None:
    """Decode and crop: faces or a reason, and nothing else."""
    if data.startswith(PNG):
        data = png_of(png_chunks(data))
    try:
        image = decode(data, MAX_PIXELS)
    except UnreadableImage:
        return
    assert image.ndim == 3
    assert image.shape[2] == 3
    assert 0 < image.shape[0] * image.shape[1] <= MAX_PIXELS
    if image.shape[0] * image.shape[1] > SEEN_WHOLE:
        return
    for rule in ("landmarks", "centre"):
        how = Extraction(
            rule=rule,
            extent=1.5,
            lift=0.09,
            dic_expansion=0.3,
            border="shift",
            resolution=32,
            min_side=0,
            max_disagreement=0.1,
            max_pixels=MAX_PIXELS,
        )
        (found,) = find_landmarks([image], [Annotation()], finder, rule, LOOKS)
        for _, made in cut_faces(image, found, how, Annotation()):
            if isinstance(made, Rejected):
                assert rule == "landmarks"
            else:
                assert made.hr.shape == (32, 32, 3)


def archive(data: bytes) -> None:
    """List and read a zip: bytes within the limit, or a reason."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "all.zip").write_bytes(data)
        try:
            found = find_photographs(Path(folder))
        except ValueError:
            return
        for name in found.names:
            try:
                assert len(found.read(name, 1000)) <= 1000
            except UnreadableImage:
                continue


def seeds(target: str) -> dict[str, bytes]:
    """The inputs of a first run."""
    if target == "photograph":
        return whole_pictures()
    made = {}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        file = BytesIO()
        with zipfile.ZipFile(file, "w", method) as content:
            content.writestr("a.png", b"short")
            with content.open("b/ü.jpg", "w", force_zip64=True) as entry:
                entry.write(b"long " * 100)
        made[f"method {method}"] = file.getvalue()
    return made


if __name__ == "__main__":
    target, corpus, *options = sys.argv[1:]
    Path(corpus).mkdir(exist_ok=True)
    for name, content in seeds(target).items():
        (Path(corpus) / name.replace(" ", "-")).write_bytes(content)
    atheris.Setup([sys.argv[0], corpus, *LIMITS, *options], globals()[target])
    atheris.Fuzz()
