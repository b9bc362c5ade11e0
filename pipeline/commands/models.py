"""The choice of a trained network by --model and --scale."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from pipeline.harness.record import MADE_BY, read_record
from pipeline.settings import params, sections
from pipeline.settings.spelling import meant
from wnet.files.weights import MissingWeights, find, verified
from wnet.landmarks.finder import parts
from wnet.networks.by_name import title_of
from wnet.networks.network import RECORD
from wnet.networks.network import read_record as read_settings

MODELS = Path("models")


def choose_model(wanted: str | None, scale: int | None) -> Path:
    """The folder of a network: the given one, that of a training, or the only one (of that scale).

    Raises ValueError naming the existing networks if the choice is not unique.
    """
    if wanted is not None:
        return _checked(wanted, scale)
    found = _networks()
    fitting = [folder for folder in found if scale in (None, scale_of(folder))]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(f"{folder.parent.name} (x{scale_of(folder)})" for folder in found) or "none"
    which = "networks" if scale is None else f"networks that enlarge {scale} times"
    raise ValueError(
        f"{len(fitting)} {which} in {MODELS}/, where one is expected; available: {known}."
        f" Name one with --model, or train one with `dvc repro`{_away()}"
    )


def networks(wanted: str | None, scale: int | None) -> list[Path]:
    """All networks (of that scale), or only the given one.

    Raises ValueError if there is none.
    """
    if wanted is not None:
        return [_checked(wanted, scale)]
    found = [folder for folder in _networks() if scale in (None, scale_of(folder))]
    return found or [choose_model(None, scale)]  # its error names the others


def scale_of(folder: Path) -> int:
    """The factor by which a network enlarges."""
    return read_settings(folder)["scale"]


def title_of_model(folder: Path) -> str:
    """The network as usually written, by the loss that it was trained with."""
    loss = read_record(folder / MADE_BY).get("parameters", {}).get("loss", {})
    return title_of(read_settings(folder)["network"], bool(loss.get("adversarial")))


@dataclass(frozen=True)
class AvailableDetection:
    """The detection of faces on this machine, with the weights that are present.

    Attributes:
        crop: the settings of the training, but with dlib if the weights for them are missing.
        weights: the files that are needed, by their keys in `weights`.
        said: a note if dlib replaces another method.
    """

    crop: sections.Crop
    weights: sections.Weights
    said: str | None = None

    def files(self) -> dict[str, Path]:
        """The paths of the files, by their keys."""
        return {role: find(file.weights_file()) for role, file in self.weights.items()}


def available_detection(crop: sections.Crop) -> AvailableDetection:
    """How to detect faces as in training: with the weights in params.yaml, or else with dlib."""
    method, detector = parts(crop)
    roles = dict.fromkeys((*method.WEIGHTS, *detector.WEIGHTS))
    if not roles:
        return AvailableDetection(crop, {})
    try:
        named = params.load().weights
        weights = {role: named[role] for role in roles if role in named}
        for role in roles:
            if role not in weights:
                raise MissingWeights(f"{params.FILE} names no weights.{role}")
            verified(weights[role].weights_file())
    except (params.BadParameters, MissingWeights) as error:
        taught = " and ".join(dict.fromkeys((crop.landmarks, crop.detector or method.DETECTOR)))
        return AvailableDetection(
            crop.model_copy(update={"landmarks": "dlib", "detector": None}),
            {},
            f"faces are detected by dlib, those of the training by {taught}: {error}",
        )
    return AvailableDetection(crop, weights)


def crop_of(folder: Path) -> sections.Crop:
    """The crop settings of a network's training faces; raises ValueError if not recorded."""
    path = folder / MADE_BY
    try:
        return sections.Crop.model_validate_json(json.dumps(read_record(path)["faces"]))
    except (FileNotFoundError, KeyError, ValidationError) as error:
        raise ValueError(
            f"{path}: does not record how its training faces were cropped; train it again"
        ) from error


def _checked(wanted: str, scale: int | None) -> Path:
    places = (Path(wanted), MODELS / wanted / "network")
    for folder in places:
        if (folder / RECORD).is_file():
            if scale not in (None, scale_of(folder)):
                raise ValueError(f"{folder}: enlarges {scale_of(folder)} times, not {scale}")
            return folder
    near = meant(wanted, [folder.parent.name for folder in _networks()])
    raise ValueError(f"{wanted}: no {RECORD} in {places[0]}/ nor in {places[1]}/{near}{_away()}")


def _networks() -> list[Path]:
    return [path.parent for path in sorted(MODELS.glob(f"*/network/{RECORD}"))]


def _away() -> str:
    return (
        ""
        if MODELS.is_dir()
        else f"; there is no {MODELS}/ here: run from the root of a clone of the project"
    )
