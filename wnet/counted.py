"""Counts with their nouns."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """ "1 face", "2 faces": a number and its noun, whose plural ends in s unless given."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
