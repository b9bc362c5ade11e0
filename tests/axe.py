"""Checks of the current page by axe-core's accessibility rules (WCAG and best practices)."""

from pathlib import Path

import pytest


def violations(driver) -> list[str]:
    """Each rule that the page breaks, with the elements; skips the test if axe is missing."""
    package = pytest.importorskip("axe_core_python", reason="not installed: axe-core-python")
    script = Path(package.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    driver.execute_script(f"{script}\nwindow.axe = axe;")
    found = driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations))"
    )
    return [
        f"{rule['id']}: {node['target'][0]}: {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
    ]
