"""Work on what came last, in a thread of its own: live pictures do not wait for a slow network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """Calls a function with the newest item, one call at a time; items overtaken are dropped.

    An error of the function ends the work and is raised where the next item is given, or at
    `close`; whoever gives more gets a RuntimeError.
    """

    def __init__(self, work: Callable[[T], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[T] = []  # one at most; a call that takes it is on its way
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="blazepose-live")
        self._failed = False
        self._error: Exception | None = None

    def put(self, item: T) -> None:
        """Give an item; returns at once."""
        if self._failed:
            self._tell()
            raise RuntimeError("it has failed before, and takes nothing any more: make a new one")
        with self._lock:
            overtaken = bool(self._waiting)
            self._waiting = [item]
        if not overtaken:
            self._pool.submit(self._step)

    def close(self) -> None:
        """Finish the item that waits, and end the thread."""
        self._pool.shutdown()
        self._tell()

    def _step(self) -> None:
        with self._lock:
            (item,), self._waiting = self._waiting, []
        if self._failed:
            return
        try:
            self._work(item)
        except Exception as error:  # noqa: BLE001 - raised where somebody hears of it
            # Without the frame of this call, which holds what holds the error.
            self._error = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
            self._failed = True

    def _tell(self) -> None:
        """Raise the error, once."""
        error, self._error = self._error, None
        try:
            if error:
                raise error
        finally:
            del error  # else it and this hold each other
