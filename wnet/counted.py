"""Counts with their nouns."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """ "1 face", "2 faces": a number with its noun; the plural, unless it is given, ends in s."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
