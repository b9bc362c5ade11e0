"""Colours of plots and pages, for light and for dark surroundings.

Text has a contrast of at least 4.5 to its background, and curves of at least 3 (WCAG 2.2, AA).
Curves are labelled at their ends, so that nobody has to identify them by colour.
"""

from dataclasses import dataclass

NETWORK, BICUBIC = 0, 1  # indices in Theme.series


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours as #rrggbb.

    Attributes:
        page, surface: behind everything, and behind figures and tables.
        ink, muted, rule: text, secondary text, hairlines.
        tint: behind our rows among the paper's.
        better, worse: differences to bicubic interpolation.
        series: colours of curves; the network's first, then bicubic interpolation's.
    """

    page: str
    surface: str
    ink: str
    muted: str
    rule: str
    tint: str
    better: str
    worse: str
    series: tuple[str, ...]


LIGHT = Theme(
    page="#f6f6f4",
    surface="#ffffff",
    ink="#1d2126",
    muted="#5d646d",
    rule="#dfe1e4",
    tint="#eaf1fb",
    better="#17693f",
    worse="#a3342b",
    series=("#1f5fbf", "#767d87", "#b5560c", "#0b7a6e", "#8e44a3"),
)
DARK = Theme(
    page="#121417",
    surface="#1a1d21",
    ink="#e8eaed",
    muted="#a2a9b2",
    rule="#31363c",
    tint="#1d2a3d",
    better="#6fcf97",
    worse="#f0948b",
    series=("#7fb0f5", "#98a0aa", "#e9a05c", "#5cc4b5", "#cf9be0"),
)
