"""Progress, as a person sees it in a terminal and as a log file keeps it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

CODE = """
from pipeline.harness.parallel import progress
with progress("crop", 20) as bar:
    for _ in range(20):
        bar.update()
"""


def test_a_log_file_has_plain_lines():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True)
    assert b"\r" not in done.stderr
    *begun, last = done.stderr.decode().splitlines()
    assert begun == ["crop:   0% 0/20 [00:00<?, ?face/s]"]
    assert re.fullmatch(r"crop: 100% 20/20 \[00:00<00:00, +[\d.]+face/s\]", last)


def test_a_terminal_has_one_line_that_is_drawn_over():
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen([sys.executable, "-c", CODE], stderr=its):
        os.close(its)
    seen = os.read(ours, 65536).decode()
    os.close(ours)
    assert seen.startswith("\rcrop:   0%|")
    assert "| 20/20 [" in seen
    assert seen.count("\n") == 1
