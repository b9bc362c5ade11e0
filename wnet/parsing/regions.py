"""Groups of the classes of the parsing map: the paper's key regions, and left-right pairs."""

KEY_REGIONS: dict[str, tuple[int, ...]] = {
    "eyes": (4, 5),
    "eyebrows": (2, 3),
    "nose": (10,),
    "mouth": (11, 12, 13),
}
"""BiSeNet's labels (1 skin, 2 and 3 brows, 4 and 5 eyes, 10 nose, 11 mouth, 12 and 13 lips).

Eq. 27 names the four parts; the ids are our choice, and glasses (6) belong to none of them.
"""

MIRROR_CLASSES: tuple[int, ...] = (0, 1, 3, 2, 5, 4, 6, 8, 7, *range(9, 19))
"""For each of BiSeNet's ids, the id in the mirrored picture.

Left and right change places: 2 and 3 (brows), 4 and 5 (eyes), 7 and 8 (ears).
"""
