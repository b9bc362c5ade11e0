"""Bytes between two sides through shared memory: complete, in little memory, with a clean end."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import numpy as np
import pytest
from waiting import until

from wnet.photographs.handover import _BYTES, _PIECES, Receiver, Sender

RANDOM = np.random.default_rng(17)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def ends():
    """A receiver, and a sender with its own descriptors, as another process has."""
    receiver = Receiver()
    sender = Sender(*map(os.dup, receiver.descriptors))
    receiver.close_theirs()
    yield receiver, sender
    os.close(sender._freed)


def test_any_number_of_bytes_passes(ends):
    receiver, sender = ends
    piece = _BYTES // _PIECES
    sent = [
        RANDOM.integers(0, 256, length, np.uint8)
        for length in (0, 1, piece - 1, piece, piece + 1, 2 * _BYTES + 5, 7)
    ]
    filled: SimpleQueue = SimpleQueue()
    sending = Thread(
        target=lambda: [sender.send(each, lambda: filled.put(None)) for each in sent], daemon=True
    )
    sending.start()
    for each in sent:
        got = np.empty_like(each)
        receiver.receive(got, filled.get)
        np.testing.assert_array_equal(got, each)
    sending.join()


def test_the_sender_is_one_ring_ahead_at_most_and_ends_with_the_receiver():
    receiver = Receiver()
    sender = Sender(*map(os.dup, receiver.descriptors))
    receiver.close_theirs()
    filled, ended = [], []

    def send():
        try:
            sender.send(np.zeros(2 * _BYTES, np.uint8), lambda: filled.append(None))
        except EOFError:
            ended.append(None)

    sending = Thread(target=send, daemon=True)
    sending.start()
    until(lambda: len(filled) == _PIECES)
    del receiver
    sending.join()
    assert ended
    assert len(filled) == _PIECES
    os.close(sender._freed)


DECODING = """
import io, numpy as np
from PIL import Image
from wnet.photographs.decoder import Decoder
picture = np.random.default_rng(1).integers(0, 256, (70, 90, 3), np.uint8)
file = io.BytesIO()
Image.fromarray(picture).save(file, "PNG")
assert (Decoder(10_000).decode(file.getvalue()) == picture).all()
"""


def test_pictures_pass_where_files_must_be_shorter_than_they_are():
    done = subprocess.run(
        [sys.executable, "-c", DECODING],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
