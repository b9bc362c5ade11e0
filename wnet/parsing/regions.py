"""The face parts that the paper trains with extra care, as classes of the parsing map."""

KEY_REGIONS: dict[str, tuple[int, ...]] = {
    "eyes": (4, 5),
    "eyebrows": (2, 3),
    "nose": (10,),
    "mouth": (11, 12, 13),
}
"""BiSeNet's labels (1 skin, 2 and 3 brows, 4 and 5 eyes, 10 nose, 11 mouth, 12 and 13 lips).

Eq. 27 names the four parts; their ids are ours, and glasses (6) belong to none of them.
"""
