"""Pages from templates, and the formats of their numbers."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from wnet.counted import counted
from wnet.figures import paper, table_3, theme
from wnet.figures.axes import PIXELS

TEMPLATES = Path(__file__).parent / "templates"
MINUS = "−"  # U+2212, as wide as a plus


def render(template: str, page: Mapping) -> str:
    """Fill a template; a name that it uses and the page does not define is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=template.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "counted": counted,
        "fixed": fixed,
        "short": short,
        "signed": signed,
        "of_face": of_face,
        "words": words,
        "plain": plain,
    }
    environment.globals |= {
        "light": theme.LIGHT,
        "dark": theme.DARK,
        "source": paper,
        "table_3_setting": table_3.SETTING,
        "table_3_parts": table_3.PARTS,
        "chart_pixels": PIXELS,
    }
    return environment.get_template(template).render(page) + "\n"


def fixed(value: float, digits: int) -> str:
    """A number with this many decimals, and commas between thousands."""
    return f"{value:,.{digits}f}".replace("-", MINUS)


def short(count: int) -> str:
    """A large count with three digits: 12,345,678 is 12.3 M."""
    for power, name in ((9, "G"), (6, "M"), (3, "k")):
        if count >= 0.9995 * 10**power:
            digits = 3 - len(str(round(count / 10**power)))
            return f"{count / 10**power:.{max(digits, 0)}f}\N{NO-BREAK SPACE}{name}"
    return str(count)


def signed(value: float, digits: int) -> str:
    """As `fixed`, always with a sign; what rounds to zero has neither a plus nor a minus."""
    rounded = round(value, digits)
    return f"±{0:.{digits}f}" if rounded == 0 else f"{rounded:+,.{digits}f}".replace("-", MINUS)


def of_face(value: float, digits: int) -> str:
    """The score of a single face, which may be missing or infinite."""
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else fixed(value, digits)


def words(key: str) -> str:
    """A key of a metrics or params file as words."""
    return key.replace("_", " ")


def plain(value: str | float | list | None) -> str:
    """A value of a params file in its YAML notation."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value)
    return json.dumps(value)
