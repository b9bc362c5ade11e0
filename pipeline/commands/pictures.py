"""The pictures in given files and folders."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wnet.photographs.folder import count_passed_over, files_below, head_of, what_is_wrong
from wnet.photographs.formats import format_of, is_rare
from wnet.photographs.passed_over import RESULTS, is_photograph

_FACE = re.compile(r"\.face\d+$")  # after the name of a picture with several faces


@dataclass
class Pictures:
    """The given pictures.

    Attributes:
        named: pictures by the path of their result below the folder of results, without suffix.
            refused: a line for each refused picture, with the reason.
        inputs: all pictures, refused or not, as files.
        passed_over: the number of files in the folders that are named like pictures but are not.
    """

    named: dict[str, Path] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    inputs: set[Path] = field(default_factory=set)
    passed_over: int = 0

    def refuse(self, picture: Path, why: object) -> None:
        """Record why there is no result for a picture."""
        self.refused.append(f"{picture}: {why}".encode(errors="backslashreplace").decode())


def pictures_among(asked: Iterable[Path], out: Path, ending: str) -> Pictures:
    """Collect the pictures in files and folders, without decoding them.

    Files are named by their stems, and those in folders, of any depth, by their paths below these.
    Pictures that would get the same name are all refused. Raises ValueError if there are none.

    ending: the suffix added to a picture's name in the name of its result.
    """
    found = Pictures()
    takers: dict[str, list[Path]] = {}
    for name, picture in _listed(asked, found):
        found.inputs.add(picture.resolve())
        kind = format_of(head_of(picture)) if is_rare(picture.name) else None
        if kind and not kind.is_read():
            found.refuse(picture, f"{kind.name}: {kind.cure}")
        elif _FACE.search(name):
            found.refuse(
                picture, "names that end in .face and a number are reserved for results; rename it"
            )
        elif (out / f"{name}{ending}").resolve() == picture.resolve():
            found.refuse(picture, f"would be overwritten; choose a folder other than {out}")
        else:
            takers.setdefault(name, []).append(picture)
    for name, pictures in takers.items():
        if len({picture.resolve() for picture in pictures}) > 1:
            both = " and ".join(map(str, pictures[:2]))
            why = f"{both} would both become {name}{ending}; rename one of them"
            found.refused += [why] + [f"{other}: the same" for other in pictures[1:]]
        else:
            found.named[name] = pictures[0]
    if not found.named and not found.refused:
        raise ValueError(f"no photograph found; {found.passed_over} files skipped")
    return found


def _listed(asked: Iterable[Path], found: Pictures) -> Iterator[tuple[str, Path]]:
    for place in asked:
        if not place.is_dir():
            if wrong := what_is_wrong(place):
                found.refuse(place, wrong)
            else:
                yield place.stem, place
            continue
        below = sorted(files_below(place, found.refuse))
        pictures = [
            path for path in below if is_photograph(path.name, lambda _, p=path: head_of(p))
        ]
        own = [path for path in set(below).difference(pictures) if path.suffix.lower() in RESULTS]
        found.passed_over += count_passed_over(place) + len(own)
        for path in pictures:
            yield path.relative_to(place).with_suffix("").as_posix(), path
