"""The page of a comparison in a browser, for several test modules."""

import pytest


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """The browser with the page; skips where there is none."""
    from comparison_browser import comparison_in_chromium

    with comparison_in_chromium(tmp_path_factory) as driver:
        yield driver


@pytest.fixture
def page(chromium):
    """The page after loading, on a laptop."""
    from headless import show

    chromium.get("about:blank")
    show(chromium, 1280, 800)
    return chromium
