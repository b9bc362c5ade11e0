"""Early checks for errors that a later stage would report only after hours of work.

Nothing in this module can change a result: it raises, or it warns.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.division import divide
from pipeline.settings.inputs import SplitInputs
from wnet.data.splits import Undividable, check_division
from wnet.photographs.annotations import unused
from wnet.photographs.folder import Photographs, packed_among
from wnet.photographs.names import Match


@dataclass(frozen=True)
class EarlyChecks:
    """The lists of the splits, by split and purpose, and warnings."""

    matches: dict[str, Match]
    warnings: list[str]


def check_splits(
    photographs: Photographs, splits: Mapping[str, SplitInputs], used: Mapping[str, Match]
) -> EarlyChecks:
    """Try the splits of a dataset as if every photograph were cropped.

    used: lists that are already in use; unused files of CelebA are reported. Raises ValueError or
    FileNotFoundError for a list that is wrong or missing.
    """
    matches: dict[str, Match] = {}
    warnings = []
    for name, made_from in splits.items():
        try:
            divided = divide(photographs.names, made_from.rule, lambda: photographs, lambda: ())
            matches |= {f"{name} {what}": found for what, found in divided.matches.items()}
            check_division(divided.subsets, made_from.needed)
        except Undividable as error:
            warnings.append(f"splits.{name}: {error}")
        except ValueError as error:
            raise ValueError(f"splits.{name}: {error}") from error
    idle = unused(photographs, [*used.values(), *matches.values()])
    warnings += [f"{file}: named like one of CelebA's files, but not used" for file in idle]
    packed = [photographs.where(name) for name in packed_among(photographs.others)]
    if packed := [file for file in packed if file not in idle]:
        more = f" and {len(packed) - 1} more" if len(packed) > 1 else ""
        warnings.append(f"{packed[0]}{more}: an archive, which is not opened")
    return EarlyChecks(matches, warnings)
