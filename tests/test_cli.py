"""The command line `wnet`: every command is there, and help comes without loading networks."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from pipeline.cli import COMMANDS, main


def test_help_names_every_command_and_imports_no_torch():
    code = (
        "import sys; from pipeline.cli import main; main(['--help'], standalone_mode=False);"
        " sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert len(result.output.split("\n")) > 6


def test_an_unknown_command_is_named():
    assert "No such command 'enlarge'" in CliRunner().invoke(main, ["enlarge"]).output
