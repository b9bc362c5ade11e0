"""What is said while it is said: tests wait for the line of one who waits."""

import click
import pytest


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """The lines that click has written to standard error so far, in whatever thread."""
    lines, echo = [], click.echo

    def noted(line, **how):
        echo(line, **how)
        if how.get("err"):
            lines.append(line)

    monkeypatch.setattr(click, "echo", noted)
    return lines
