"""Faces and landmarks as a section of params.yaml wants them found."""

from functools import lru_cache

from pipeline.harness import environment
from pipeline.settings import schema
from wnet.files.weights import verified
from wnet.landmarks.ibug68 import DlibLandmarks, LandmarkFinder

LIBRARIES = {
    "dlib": ("dlib-bin", "face-recognition-models"),
    "fan": ("face-alignment", "opencv-python", "torch"),
}
"""What results depend on besides the weights."""


@lru_cache(maxsize=1)
def landmark_finder(settings: schema.Landmarks, weights: schema.Weights) -> LandmarkFinder:
    """One finder a process, since it takes seconds to load; raises MissingWeights."""
    looks = settings.detection_side, settings.upsampling
    match settings.landmarks:
        case "dlib":
            return DlibLandmarks(*looks)
        case "fan":
            from wnet.landmarks.detectors import SFD, YuNet
            from wnet.landmarks.fan import FANLandmarks

            device = environment.device()
            boxes = verified(getattr(weights, settings.fan_detector).weights_file())
            match settings.fan_detector:
                case "sfd":
                    detector = SFD(boxes, settings.fan_score, device)
                case "yunet":
                    detector = YuNet(boxes, settings.fan_score)
            return FANLandmarks(verified(weights.fan.weights_file()), detector, *looks, device)


def detector_of(settings: schema.Landmarks) -> str:
    """What finds the boxes."""
    return {"dlib": "dlib", "fan": settings.fan_detector}[settings.landmarks]


def digests(settings: schema.Landmarks, weights: schema.Weights) -> dict[str, str]:
    """The SHA-256 of each file of weights that these landmarks need; dlib's come with a package."""
    if settings.landmarks == "dlib":
        return {}
    return {role: getattr(weights, role).sha256 for role in ("fan", settings.fan_detector)}
