"""The progress bar, in a terminal and in a log file."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from contextlib import suppress

import pytest

# Each face takes a second of the bar's clock.
CODE = """
import tqdm
from pipeline.harness.parallel import progress
tqdm.tqdm.monitor_interval = 0
now = 0
tqdm.std.time = lambda: now
with progress("crop", 25) as bar:
    for now in range(1, 26):
        bar.update()
"""


def test_a_log_file_has_plain_lines():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True)
    assert b"\r" not in done.stderr
    assert done.stderr.decode().splitlines() == [
        "crop:   0% 0/25 [00:00<?, ?face/s]",
        "crop:  40% 10/25 [00:10<00:15,  1.00face/s]",
        "crop:  80% 20/25 [00:20<00:05,  1.00face/s]",
        "crop: 100% 25/25 [00:25<00:00,  1.00face/s]",
    ]


def test_a_terminal_has_one_line_that_is_drawn_over():
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen([sys.executable, "-c", CODE], stderr=its):
        os.close(its)
        seen = all_of(ours).decode()
    assert seen.startswith("\rcrop:   0%|")
    assert "| 25/25 [" in seen
    assert seen.count("\n") == 1


@pytest.mark.parametrize("size", [(0, 0), (24, 0), (0, 80)])
def test_a_terminal_that_does_not_say_its_size_has_lines(size):
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    with subprocess.Popen([sys.executable, "-c", CODE], stderr=its):
        os.close(its)
        seen = all_of(ours).decode()
    assert seen.splitlines()[-1] == "crop: 100% 25/25 [00:25<00:00,  1.00face/s]"


def all_of(terminal: int) -> bytes:
    """Everything written to a terminal until its last writer has closed it."""
    seen = b""
    with suppress(OSError), os.fdopen(terminal, "rb", buffering=0) as file:
        while part := file.read(65536):
            seen += part
    return seen
