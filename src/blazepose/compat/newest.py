"""Work on what came last, in a thread of its own: live pictures do not wait for a slow network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """Calls a function with the newest item, one call at a time; items overtaken are dropped.

    An error of the function ends the work and is raised where the next item is given, or at
    `close`.
    """

    def __init__(self, work: Callable[[T], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[T] = []  # one at most; a call that takes it is on its way
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="blazepose-live")
        self._last: Future[None] = Future()
        self._last.set_result(None)

    def put(self, item: T) -> None:
        """Give an item; returns at once."""
        if self._last.done():
            self._last.result()
        with self._lock:
            overtaken = bool(self._waiting)
            self._waiting = [item]
        if not overtaken:
            self._last = self._pool.submit(self._step, self._last)

    def close(self) -> None:
        """Finish the item that waits, and end the thread."""
        self._pool.shutdown()
        self._last.result()

    def _step(self, before: Future[None]) -> None:
        before.result()  # what failed stays failed
        with self._lock:
            (item,), self._waiting = self._waiting, []
        self._work(item)
