"""Work ahead of the reader: an iterator runs in a thread of its own, some items in advance.

Knows nothing of what the items are, only that none of them is None. However the reading ends (the
last item, an error, a `break`), the thread is gone and the iterator closed afterwards.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Generator[T], *, depth: int) -> Generator[T]:
    """All items in order, up to `depth` of them made before they are asked for.

    An error of `items` is raised where its item would have come.
    """
    pool = _Thread("blazepose-ahead")
    pending = deque[Future[T | None]]()
    try:
        for _ in range(depth):
            pending.append(pool.submit(next, items, None))
        while (item := pending.popleft().result()) is not None:
            pending.append(pool.submit(next, items, None))
            yield item
    finally:
        pool.end(items)


def newest(items: Generator[T]) -> Generator[T]:
    """The item that came last whenever one is asked for; those in between are dropped.

    For sources that do not wait for their reader. An error is raised after the last item.
    """
    latest: deque[T] = deque(maxlen=1)
    news, stop = threading.Event(), threading.Event()

    def watch() -> None:
        for item in items:
            latest.append(item)
            news.set()
            if stop.is_set():
                return

    pool = _Thread("blazepose-newest")
    try:
        watching = pool.submit(watch)
        watching.add_done_callback(lambda _: news.set())
        while latest or not watching.done():
            news.wait(1.0)  # not for ever: Windows lets no Ctrl-C through an endless wait
            news.clear()
            if latest:
                yield latest.pop()
        watching.result()
    finally:
        stop.set()
        pool.end(items)


class _Thread(ThreadPoolExecutor):
    """A thread for an iterator."""

    def __init__(self, name: str) -> None:
        self._own: set[int] = set()
        super().__init__(1, name, initializer=lambda: self._own.add(threading.get_ident()))

    def end(self, items: Generator[T]) -> None:
        """End the thread and close the iterator that ran in it.

        Python's collector may ask for it within that thread, in the middle of an item: then both
        end after that one.
        """
        is_within = threading.get_ident() in self._own
        self.shutdown(wait=not is_within, cancel_futures=True)
        if not is_within:
            with suppress(ValueError):  # an interrupt left a thread that is at work yet
                items.close()
