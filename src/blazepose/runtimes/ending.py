"""Daemon threads that still compute while Python ends.

One that comes back out of C++ to an interpreter that has ended aborts the whole process. So the end
waits a moment for those that have computed, as a script's loop that was just told to stop, and
holds the others where they want to compute again.
"""

from __future__ import annotations

import atexit
import threading
import time
from weakref import WeakSet

_PATIENCE_S = 0.3

_computed = WeakSet[threading.Thread]()
_held = WeakSet[threading.Thread]()
_is_end = threading.Event()


def hold_at_the_end() -> None:
    """To be called before Python is left: does not return in a daemon thread once Python ends."""
    thread = threading.current_thread()
    if thread.daemon:
        _computed.add(thread)
        if _is_end.is_set():
            _held.add(thread)
            threading.Event().wait()  # for ever


@atexit.register
def _end() -> None:
    _wait_until_gone()
    _is_end.set()
    _wait_until_gone()


def _wait_until_gone() -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until_s and any(t.is_alive() for t in set(_computed) - set(_held)):
        time.sleep(0.001)
