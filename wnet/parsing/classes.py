"""The 19 classes of a parsing map."""

from collections.abc import Collection

import numpy as np

CLASSES = (
    "background",
    "skin",
    "l_brow",
    "r_brow",
    "l_eye",
    "r_eye",
    "eye_g",
    "l_ear",
    "r_ear",
    "ear_r",
    "nose",
    "mouth",
    "u_lip",
    "l_lip",
    "neck",
    "neck_l",
    "cloth",
    "hair",
    "hat",
)
"""The classes by id, in BiSeNet's order (https://github.com/zllrunning/
face-parsing.PyTorch). "l_" is the person's left, the picture's right; but "l_lip" is the lower one.
"""

CELEBAMASK_TO_BISENET = np.array(
    [0, 1, 10, 6, 4, 5, 2, 3, 7, 8, 11, 12, 13, 17, 18, 9, 15, 14, 16], np.uint8
)
"""BiSeNet's id for each id of CelebAMask-HQ's masks, whose order is another (skin, nose,
glasses, eyes, brows, ears, mouth, lips, hair, hat, ...): `CELEBAMASK_TO_BISENET[mask]`.
"""


def binarize(classes: np.ndarray, skin_ids: Collection[int]) -> np.ndarray:
    """1 where the class is one of `skin_ids`, else 0: uint8 of the same shape.

    The paper's face region, as opposed to facial features and background, is class 1 alone. Raises
    ValueError for an id that is not one of the 19.
    """
    strange = [identity for identity in skin_ids if identity not in range(len(CLASSES))]
    if strange:
        raise ValueError(f"skin_ids {strange} are not classes; valid: 0 to {len(CLASSES) - 1}")
    return np.isin(classes, list(skin_ids)).astype(np.uint8)
