"""Prints hashes of unrounded intermediate results of a few faces: python tests/bits_of_faces.py

It prints, as JSON, the SHA-256 of the light of drawn faces and of the votes for their classes.
These differ if any function rounds differently, long before a pixel or a class does. A third hash
is of what the libraries compute by default, to show that they do differ.
"""

import hashlib
import json
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from drawn import photograph
from wnet.parsing import by_landmarks


def noting(module: ModuleType, function: str) -> "hashlib._Hash":
    """Hash the first argument of each call of a function by a module."""
    given, original = hashlib.sha256(), getattr(module, function)

    def noted(values: np.ndarray, *others):
        given.update(np.ascontiguousarray(values).tobytes())
        return original(values, *others)

    setattr(module, function, noted)
    return given


def unasked() -> str:
    """Hash a power by NumPy, a product by BLAS, a blur by OpenCV and distances by its IPP."""
    numbers = np.random.default_rng(1).random((200, 200), np.float32)
    distances = cv2.distanceTransform((numbers > 0.1).astype(np.uint8), cv2.DIST_L2, 3)
    made = (numbers**1.7, numbers @ numbers, cv2.GaussianBlur(numbers, (0, 0), 2), distances)
    return hashlib.sha256(b"".join(array.tobytes() for array in made)).hexdigest()


if __name__ == "__main__":
    libraries = unasked()
    light, votes = noting(photograph, "expose"), noting(by_landmarks, "_most_voted")
    for number in range(12):  # these include glasses, hats, beards, earrings and every backdrop
        face = photograph.render(number, number, 128)
        by_landmarks.classes_by_landmarks(face.image, face.points)
    print(
        json.dumps({"light": light.hexdigest(), "votes": votes.hexdigest(), "libraries": libraries})
    )
