"""The faces that can be browsed on a page: which ones, with their pictures and scores."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.pages.face_scores import FaceScore
from pipeline.pages.pages import of_face
from pipeline.pages.samples import Places, read_faces
from pipeline.settings.sections import Compare
from wnet.figures.choice import drawn, evenly_ranked
from wnet.figures.face_row import Face
from wnet.figures.grid import as_png
from wnet.figures.overlays import parsing_overlay, skin_overlay

FOLDER = "faces"


@dataclass(frozen=True, kw_only=True)
class Browser:
    """The data of the page's viewer.

    Attributes:
        side: side of a face, in pixels.
        views: indices in `faces`, by score and order.
        faces: the name, the prefix of the picture files, the scores and the landmarks of each face.
        median: the index in `faces` of the face with the median gain, or the median score without a
            network.
        pictures: the pictures that exist of each face, by the suffix of their file: `network` is
            missing without a network, `skin` if it estimates no map, `parsing` if the original has
            none.
    """

    side: int
    views: dict[str, dict[str, list[int]]]
    faces: list[dict]
    median: int
    pictures: list[str]


def browse(
    names: list[str],
    scores: dict[str, FaceScore],
    count: int,
    shared: Compare,
    places: Places,
    scale: int,
    folder: Path,
) -> Browser:
    """Choose `count` faces for each score and order, and write their pictures into the folder.

    The faces that the pages of all evaluations of these faces share are added. The face of median
    gain in PSNR, or of median PSNR without a network, is always included.
    """
    alike = drawn(len(names), shared.faces, shared.seed).tolist()
    chosen = {key: _orders(score, count, alike) for key, score in scores.items()}
    psnr = scores["psnr"]
    [median] = evenly_ranked(psnr.gain if places.model else psnr.merit, 1).tolist()
    wanted = {index for views in chosen.values() for view in views.values() for index in view}
    pool = sorted(wanted | {median})
    faces = read_faces(np.array(pool), names, scores["psnr"], places, scale)
    (folder / FOLDER).mkdir()
    for number, face in enumerate(faces):
        pictures = _pictures(face)
        for picture, content in pictures.items():
            (folder / FOLDER / f"{number:03}-{picture}.png").write_bytes(content)
    place = {index: number for number, index in enumerate(pool)}
    for key, score in scores.items():
        chosen[key]["all"] = [index for index in _best_first(score) if index in place]
    return Browser(
        side=len(faces[0].hr),
        views={
            key: {order: [place[index] for index in view] for order, view in views.items()}
            for key, views in chosen.items()
        },
        faces=[
            {
                "name": face.name,
                "file": f"{FOLDER}/{number:03}",
                "scores": [_shown(score, index) for score in scores.values()],
                "points": _landmarks(face),
            }
            for number, (index, face) in enumerate(zip(pool, faces, strict=True))
        ],
        median=place[median],
        pictures=list(pictures),
    )


def _orders(score: FaceScore, count: int, alike: list[int]) -> dict[str, list[int]]:
    order = _best_first(score)
    place = {index: rank for rank, index in enumerate(order)}
    return {
        "best": order[:count],
        "worst": order[::-1][:count],
        "shared": sorted(alike, key=lambda index: place.get(index, len(place))),
    }


def _best_first(score: FaceScore) -> list[int]:
    """Indices of the faces, the best first; in their own order if none has a score."""
    return score.best_first.tolist() or list(range(len(score.network)))


def _shown(score: FaceScore, index: int) -> dict[str, str]:
    """Both values and the rank among all faces, formatted for the page."""
    bicubic, network = (
        of_face(values[index], score.score.digits) for values in (score.bicubic, score.network)
    )
    order = score.best_first.tolist()
    rank = f"{order.index(index) + 1} of {len(order)}" if index in order else "–"
    return {"bicubic": bicubic, "network": network, "rank": rank}


def _landmarks(face: Face) -> dict[str, list[list[float]] | None]:
    """The landmarks in each picture, x and y in its pixels; the input uses those of the bicubic
    picture."""
    found = {"original": face.points, "bicubic": face.bicubic_points, "network": face.sr_points}
    return {
        picture: None if np.isnan(points).any() else np.round(points.astype(float), 1).tolist()
        for picture, points in found.items()
        if points is not None
    }


def _pictures(face: Face) -> dict[str, bytes]:
    made = {"input": face.lr, "bicubic": face.bicubic, "network": face.sr, "original": face.hr}
    pictures = {key: as_png(image) for key, image in made.items() if image is not None}
    if face.classes is not None:
        pictures["parsing"] = parsing_overlay(face.classes)
    if face.estimated is not None:
        pictures["skin"] = skin_overlay(face.estimated)
    return pictures
