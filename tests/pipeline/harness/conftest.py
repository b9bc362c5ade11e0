"""Lines on standard error as they are written, so that tests can wait for them."""

import click
import pytest


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """The lines that click has written to standard error so far, in any thread."""
    lines, echo = [], click.echo

    def noted(line, **how):
        echo(line, **how)
        if how.get("err"):
            lines.append(line)

    monkeypatch.setattr(click, "echo", noted)
    return lines
