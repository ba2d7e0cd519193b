"""Programs that end while a daemon thread tracks."""

import subprocess
import sys

import pytest

LOOP = """
import threading, time
import numpy as np
import blazepose as bp

tracker, picture = bp.Tracker("lite", threads=1), np.zeros((480, 640, 3), np.uint8)
begun, stopped = threading.Event(), False

def track():
    while not stopped:
        tracker(picture)
        begun.set()

threading.Thread(target=track, daemon=True).start()
begun.wait()
"""


@pytest.mark.weights
@pytest.mark.parametrize("end", ["", "stopped = True"])
def test_a_thread_that_tracks_to_the_end_does_not_abort_it(end: str) -> None:
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", LOOP + end], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
