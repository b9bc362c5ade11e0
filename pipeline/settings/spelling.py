"""Suggestions for misspelt names."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(name: object, known: Iterable[str]) -> str:
    """ "; did you mean 'x'?" if a known name is similar, else an empty string."""
    lower = {each.lower(): each for each in known}
    near = get_close_matches(str(name).lower(), lower, n=1)
    return f"; did you mean {lower[near[0]]!r}?" if near else ""
