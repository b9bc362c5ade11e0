"""FAN's landmarks (Bulat & Tzimiropoulos, ICCV 2017) in the boxes of a detector."""

from collections.abc import Callable, Mapping
from pathlib import Path

from wnet.chosen import chosen
from wnet.landmarks.finder import LandmarkFinder
from wnet.landmarks.settings import Landmarks

LICENCE = "2DFAN4 of face-alignment (code BSD 3-clause), trained on 300W-LP, for research"
LIBRARIES = ("face-alignment", "opencv-python", "torch")
GPU = True


def detector(settings: Landmarks) -> str:
    """What finds the boxes."""
    return settings.fan_detector


def parts(settings: Landmarks) -> tuple[str, ...]:
    """The modules that the settings choose beside this one."""
    return (_detector(settings).__name__,)


def weights(settings: Landmarks) -> tuple[str, ...]:
    """Roles of the files."""
    return ("fan", _detector(settings).WEIGHTS)


def load(
    settings: Landmarks, files: Mapping[str, Path], device: Callable[[], str]
) -> LandmarkFinder:
    """The finder, from the files of its roles."""
    from wnet.landmarks.fan import FANLandmarks

    place, boxes = device(), _detector(settings)
    detect = boxes.load(files[boxes.WEIGHTS], settings.fan_score, place)
    return FANLandmarks(files["fan"], detect, settings.detection_side, settings.upsampling, place)


def _detector(settings: Landmarks):
    return chosen("wnet.landmarks.detectors", settings.fan_detector)
